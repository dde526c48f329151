"""The reader of concept notes is a library that needs only the standard library."""

import subprocess
import sys


def test_it_brings_nothing_of_the_house_and_no_package() -> None:
    program = (
        "import sys; before = set(sys.modules); import hemicycle.convening as own;"
        "import hemicycle.convening.reading, hemicycle.convening.second_reading;"
        "new = {name for name in set(sys.modules) - before if not name.startswith('_')};"
        "print(sorted(name for name in new if name != 'hemicycle'"
        " and not name.startswith(own.__name__)"
        " and name.partition('.')[0] not in sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.split() == [b"[]"]
