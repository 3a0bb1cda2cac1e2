"""The font of PDF reports: NanumSquare, OFL-1.1 (OFL.txt); every modern Hangul syllable in 0.7 MB a face."""

from pathlib import Path

REGULAR = Path(__file__).parent / "NanumSquareR.ttf"
BOLD = Path(__file__).parent / "NanumSquareB.ttf"
