"""Event logs (XES or CSV, also gzipped) into the contract's tables, as a mapping file says.

`mapping` reads the mapping file, `logs` goes through a log case by case, `build` turns cases
into rows of the tables.
"""

from tenor.engine.event_log.build import Imported, import_event_log
from tenor.engine.event_log.mapping import Mapping, read_mapping

__all__ = ["Imported", "Mapping", "import_event_log", "read_mapping"]
