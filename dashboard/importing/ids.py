"""Component ids the parts of the import page share; each is owned by the part that lays it out."""

from __future__ import annotations

FILE = "import-file"  # store: {"token", "name", "size"} of the file that lies here
JOB = "import-job"  # store: {"id", "kind"} of the work begun last
ENDED = "import-ended"  # store: {"id", "kind", "status"} of the work that ended last
TEXT = "import-mapping"  # the mapping's text
CHOICE = "import-choice"  # which mapping: guessed, a shipped one, one of an earlier import
KIND = "import-kind"
LEVEL = "import-level"
RETRY = "import-retry"
PREVIEW = "import-preview-button"
TAKE = "import-take-button"
STOP = "import-stop-button"
EARLIER = "import-earlier"  # the list of imports
