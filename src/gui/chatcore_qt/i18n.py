"""Installs the translations: ours, and those of Qt's own texts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from chatcore_qt import texts
from chatcore_qt.texts import QT_TRANSLATE_NOOP

CATALOGUES: Final = Path(__file__).with_name("i18n")
DOMAIN: Final = "chatcore"

# What Qt says by itself, and has no French for.
_OF_QT: Final = (
    QT_TRANSLATE_NOOP("QAbstractFileIconProvider", "Drive"),
    QT_TRANSLATE_NOOP("QAbstractFileIconProvider", "Folder"),
    QT_TRANSLATE_NOOP("QFileDialog", "&Look in:"),
    QT_TRANSLATE_NOOP("QFileDialog", "Files of &type:"),
)


def install(app: QCoreApplication, locale: QLocale | None = None) -> None:
    """Speak the language of a locale, the system's when left out; English where it is another one than we speak."""
    for translator in app.findChildren(QTranslator):
        app.removeTranslator(translator)
        translator.deleteLater()
    locale = locale or QLocale.system()
    QLocale.setDefault(locale)
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    # The English catalogue has the plural forms only.
    for wanted, name, folder in (
        (QLocale("en"), DOMAIN, str(CATALOGUES)),
        (locale, "qtbase", qt),
        (locale, DOMAIN, str(CATALOGUES)),
    ):
        translator = QTranslator(app)
        if translator.load(wanted, name, "_", folder):
            app.installTranslator(translator)
    texts.use(QCoreApplication.translate)
