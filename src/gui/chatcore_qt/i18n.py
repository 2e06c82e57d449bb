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
    """Speak the language of a locale, the system's when left out; English where it is another one than we speak.

    What Qt says is in the same language, and so is the direction in which it lays out windows: that is a text of Qt's.
    So are dates, in the form that they have in the country of the locale.
    """
    for translator in app.findChildren(QTranslator):
        app.removeTranslator(translator)
        translator.deleteLater()
    locale = locale or QLocale.system()
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    english = _catalogue(app, QLocale("en"), DOMAIN, str(CATALOGUES))  # which has the plural forms only
    ours = _catalogue(app, locale, DOMAIN, str(CATALOGUES))
    QLocale.setDefault(locale if ours is not None else _english_of(locale))
    of_qt = None if ours is None else _catalogue(app, QLocale(ours.language()), "qtbase", qt)
    for found in (english, of_qt, ours):
        if found is not None:
            app.installTranslator(found)
    texts.use(QCoreApplication.translate)


def _english_of(locale: QLocale) -> QLocale:
    """Return English as people of that country write it, or else as it is written in the world."""
    there = QLocale(QLocale.Language.English, locale.territory())
    known = there.territory() == locale.territory()
    return there if known else QLocale(QLocale.Language.English, QLocale.Country.World)


def _catalogue(app: QCoreApplication, locale: QLocale, name: str, folder: str) -> QTranslator | None:
    translator = QTranslator(app)
    return translator if translator.load(locale, name, "_", folder) else None
