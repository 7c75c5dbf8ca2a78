"""Methods with all their options by name, whichever of them are those of their settings."""

import dataclasses


def by_name(method, kind):
    """``method``, given options of its settings (of class ``kind``) beside its own."""
    fields = {field.name for field in dataclasses.fields(kind)}

    def called(*arguments, **options):
        chosen = {name: options.pop(name) for name in fields & set(options)}
        settings = {"settings": kind(**chosen)} if chosen else {}
        return method(*arguments, **settings, **options)

    return called
