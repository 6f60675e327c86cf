"""Tables of any shape into events: read, mapped, checked, imported, failed rows given back. 导入"""

from suyuan.importing._cells import Cell, cell_text, fault_of
from suyuan.importing._convert import edited, made_events
from suyuan.importing._elsewhere import Told, read_elsewhere
from suyuan.importing._failed import failed_as_csv, failed_as_xlsx, reason_of
from suyuan.importing._faults import FaultFile
from suyuan.importing._jobs import (
    ImportJob,
    ImportWorker,
    Progress,
    add_job,
    find_job,
    latest_jobs,
    progress_of,
)
from suyuan.importing._known import names_of_record
from suyuan.importing._mapping import Mapping, bind, read_mapping
from suyuan.importing._mappings import (
    SavedMapping,
    find_mapping,
    list_mappings,
    remove_mapping,
    save_mapping,
)
from suyuan.importing._propose import propose
from suyuan.importing._reading import Found, Reading
from suyuan.importing._resolve import Names
from suyuan.importing._rows import Fault
from suyuan.importing._run import Result, run_import
from suyuan.importing._scalars import find_zone
from suyuan.importing._spool import SpooledRows
from suyuan.importing._synonyms import Field, Template, fields, templates
from suyuan.importing._uploads import (
    Upload,
    add_upload,
    change_upload,
    edits_of,
    find_upload,
    list_uploads,
    put_edits,
    remove_expired,
    remove_upload,
    upload_folder,
)

__all__ = [
    "Cell",
    "Fault",
    "FaultFile",
    "Field",
    "Found",
    "ImportJob",
    "ImportWorker",
    "Mapping",
    "Names",
    "Progress",
    "Reading",
    "Result",
    "SavedMapping",
    "SpooledRows",
    "Template",
    "Told",
    "Upload",
    "add_job",
    "add_upload",
    "bind",
    "cell_text",
    "change_upload",
    "edited",
    "edits_of",
    "failed_as_csv",
    "failed_as_xlsx",
    "fault_of",
    "fields",
    "find_job",
    "find_mapping",
    "find_upload",
    "find_zone",
    "latest_jobs",
    "list_mappings",
    "list_uploads",
    "made_events",
    "names_of_record",
    "progress_of",
    "propose",
    "put_edits",
    "read_elsewhere",
    "read_mapping",
    "reason_of",
    "remove_expired",
    "remove_mapping",
    "remove_upload",
    "run_import",
    "save_mapping",
    "templates",
    "upload_folder",
]
