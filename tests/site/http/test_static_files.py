"""Static files get names with a hash, whatever order the file system lists them in."""

from pathlib import Path

from hemicycle.site.http.static_files import HashedStorage

LONG = 12
"""The number of modules that import each other in a chain, twice that of the longest real chain."""


def test_a_row_of_modules_gets_names_in_the_worst_order(tmp_path: Path) -> None:
    for number in range(LONG):
        following = f'import "./m{number + 1}.js";\n' if number + 1 < LONG else "export {};\n"
        (tmp_path / f"m{number}.js").write_text(following)
    storage = HashedStorage(location=tmp_path, base_url="/static/")
    paths = {f"m{number}.js": (storage, f"m{number}.js") for number in range(LONG)}
    failed = [
        (name, done)
        for name, _hashed, done in storage.post_process(paths)
        if isinstance(done, Exception)
    ]
    assert failed == []
