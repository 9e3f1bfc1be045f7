#!/usr/bin/env bash
# Bring the Dutch catalogue up to date after texts have changed, and compile it.
# Needs GNU gettext (apt-get install gettext); what is not translated yet is listed.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v xgettext > /dev/null || {
    echo "GNU gettext is missing: apt-get install gettext" >&2
    exit 1
}
python=$PWD/.venv/bin/python
catalogue=$PWD/src/tenor/platform/locale/nl/LC_MESSAGES/django
export TENOR_DATA=$PWD/.cache/messages DJANGO_SETTINGS_MODULE=tenor.platform.config.settings
(cd src/tenor/platform && "$python" -m django makemessages -l nl --no-location --no-wrap \
    --no-obsolete -i "static/*")
"$python" - "$catalogue" <<'PYTHON'
import sys
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

path = sys.argv[1]
with open(f"{path}.po", "rb") as file:
    catalogue = read_po(file, locale="nl")
for message in catalogue:
    if message.fuzzy:  # a guess of gettext's is no translation
        message.flags.discard("fuzzy")
        message.string = ("", "") if message.pluralizable else ""
    if message.id and not any([message.string] if isinstance(message.string, str) else message.string):
        print(f"not translated: {message.id!r}")
with open(f"{path}.po", "wb") as file:
    write_po(file, catalogue, width=0, no_location=True, ignore_obsolete=True)
with open(f"{path}.mo", "wb") as file:
    write_mo(file, catalogue)
PYTHON
