"""Write the API's document anew: `python tests/contracts/renew.py`."""

import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent


def document() -> str:
    """Return the document as it is stored."""
    from tenor.platform.api.v1 import api

    said = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
    return json.dumps(said, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    import django

    sys.path.insert(0, str(HERE.parent))
    os.environ["DJANGO_SETTINGS_MODULE"] = "platform_settings"
    django.setup()
    (HERE / "openapi.json").write_text(document(), encoding="utf-8")
