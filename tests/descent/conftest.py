"""What the tests of descent share: the program as it is typed."""

import pytest

from xnabla.cli import main


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    """Run the program as it is typed; return its exit code and what it said."""
    monkeypatch.chdir(tmp_path)

    def typed(*words):
        capfd.readouterr()
        monkeypatch.setattr("sys.argv", ["xnabla", *map(str, words)])
        with pytest.raises(SystemExit) as leaving:
            main([str(word) for word in words])
        out, err = capfd.readouterr()
        return leaving.value.code or 0, out, err

    return typed
