"""OpenTelemetry's distribution for Python with its SQL comments switched on, which no environment variable does."""

from opentelemetry.distro import OpenTelemetryDistro


class DjangoComments(OpenTelemetryDistro):
    """A middleware comments what Django's ORM sends, sampled or not."""

    switches = {"django": {"is_sql_commentor_enabled": True}}

    def load_instrumentor(self, entry_point, **kwargs):
        super().load_instrumentor(entry_point, **kwargs, **self.switches.get(entry_point.name, {}))


class DriverComments(DjangoComments):
    """The driver comments whatever is sent by it, of sampled traces only."""

    switches = dict.fromkeys(("psycopg", "psycopg2"), {"enable_commenter": True})
