"""``python -m xnabla``."""

from xnabla.cli import main

main()
