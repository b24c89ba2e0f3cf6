"""The folders that `compare` and `size` write with `--out`: the document, its tables and its page."""

from pathlib import Path

from engine.calling.policy import DEFAULT_ZONE
from engine.reading.document import json_text
from engine.reading.names import cell_text
from engine.report.cells import with_texts
from engine.report.comparison import comparison_page
from engine.report.sizing import sizing_page
from engine.results.folder import REPORT_NAME, Writer, table_file, text_file, write_folder
from engine.results.lock import LOCK_NAME, lock_text
from engine.scenario.scenario import Scenario
from engine.whatif.comparison import Compared, figures_table, replications_table
from engine.whatif.sizing import Sizing
from engine.wording.comparisons import comparison_document, headline_figure
from engine.wording.sizings import sizing_document


def write_comparison(
    compared: Compared, base: Scenario, folder: Path, figure: str | None = None, *, force: bool = False
) -> None:
    """Write the comparison (JSON), a table of it (CSV), its replications (Parquet), the base's lock and the page.

    No text of the CSV is run by a spreadsheet. `figure` is the headline's; if left out, it is the share of the list
    that is reached. All files are written whole, or none. Raises InputError if results are there already and `force` is
    not given, and OSError if something cannot be written.
    """
    comparison, zone_name = compared.comparison, base.document.campaign.zone_name
    first = figure or headline_figure(comparison)
    lock = lock_text(base, int(compared.replications[0][0].digest, 16), folder)
    files: dict[str, Writer] = {
        "variants.csv": table_file(with_texts(figures_table(comparison), cell_text).write_csv),
        "replications.parquet": table_file(replications_table(compared).write_parquet),
        "comparison.json": text_file(json_text(comparison_document(comparison, first, zone_name)) + "\n"),
        LOCK_NAME: text_file(lock),
        REPORT_NAME: text_file(comparison_page(comparison, zone_name, first)),
    }
    write_folder(folder, files, force=force, inputs=[Path(file.file) for file in base.inputs])


def write_sizing(sizing: Sizing, folder: Path, zone_name: str = DEFAULT_ZONE, *, force: bool = False) -> None:
    """Write the sizing (JSON) and its page, with dates on the clock of a zone: both, or none.

    Raises InputError if results are there already and `force` is not given, and OSError if something cannot be
    written.
    """
    files: dict[str, Writer] = {
        "sizing.json": text_file(json_text(sizing_document(sizing, zone_name)) + "\n"),
        REPORT_NAME: text_file(sizing_page(sizing, zone_name)),
    }
    write_folder(folder, files, force=force)
