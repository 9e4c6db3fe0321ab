"""The words with which programs that print in the user's language mark an error: `error:`, `Fehler:`, `erreur :`.

Apart from numbers and program names, only these words tell an error from a warning in the text of such a program.
"""

import re
from typing import Final

# As gettext's catalogs of PostgreSQL and git have them, by language; where one is missing, the English word is used.
_ERRORS: Final = (
    *("error", "fatal", "panic", "fejl", "Fehler", "Schwerwiegend", "σφάλμα", "erreur", "errore", "erro", "エラー"),
    *("致命的エラー", "შეცდომა", "오류", "치명적", "błąd", "ошибка", "фатальная ошибка", "fel", "ödesdigert", "hata"),
    *("onulmaz", "помилка", "фатальна помилка", "lỗi", "错误", "致命错误", "錯誤", "致命錯誤", "грешка"),
    *("фатална грешка", "kesalahan"),
)
COLON: Final = "[ \u00a0]?[:\uff1a]"
"""A pattern of a colon as languages write it: behind a blank in French, wide in Chinese."""
ERROR: Final = rf"(?:(?:{'|'.join(map(re.escape, _ERRORS))}){COLON}|chyba\b)"
"""A pattern of the mark and its colon (Czech has none)."""
