package io.handfast.proxy.stats;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/**
 * Statistics as the text and the JSON of Envoy's {@code /stats}: numbers by name, then histograms
 * by name. Meters of Micrometer follow the same rule, their tags' values between the name and the
 * measurement. Stateless.
 */
public final class StatsText {

  private static final double[] QUANTILES = {0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100};

  private StatsText() {}

  /** One line per statistic: {@code name: value}. */
  public static String text(Stats stats, StatsFilter filter) {
    StringBuilder out = new StringBuilder(16_384);
    forEachNumber(
        stats, filter, (name, value) -> out.append(name).append(": ").append(value).append('\n'));
    for (Shown histogram : histograms(stats, filter)) {
      out.append(histogram.name).append(": ");
      appendQuantiles(histogram.snapshot, out);
      out.append('\n');
    }
    return out.toString();
  }

  /** {@code {"stats":[{"name":…,"value":…},…,{"histograms":{…}}]}}. */
  public static String json(Stats stats, StatsFilter filter) {
    StringBuilder out = new StringBuilder(16_384).append("{\"stats\":[");
    forEachNumber(
        stats,
        filter,
        (name, value) -> {
          out.append("{\"name\":");
          appendQuoted(name, out);
          out.append(",\"value\":").append(value).append("},");
        });
    out.append("{\"histograms\":{\"supported_quantiles\":[");
    for (double quantile : QUANTILES) {
      out.append(number(quantile)).append(',');
    }
    out.setCharAt(out.length() - 1, ']');
    out.append(",\"computed_quantiles\":[");
    List<Shown> histograms = histograms(stats, filter);
    for (Shown histogram : histograms) {
      appendHistogram(histogram, out);
      out.append(',');
    }
    if (!histograms.isEmpty()) {
      out.setLength(out.length() - 1);
    }
    return out.append("]}}]}").toString();
  }

  private static void appendHistogram(Shown histogram, StringBuilder out) {
    Histogram.Snapshot snapshot = histogram.snapshot;
    out.append("{\"name\":");
    appendQuoted(histogram.name, out);
    out.append(",\"values\":[");
    for (double quantile : QUANTILES) {
      double value = snapshot.quantile(quantile / 100);
      out.append("{\"cumulative\":")
          .append(Double.isNaN(value) ? "null" : number(value))
          .append(",\"interval\":null},");
    }
    out.setCharAt(out.length() - 1, ']');
    out.append('}');
  }

  private static void forEachNumber(
      Stats stats, StatsFilter filter, BiConsumer<String, String> line) {
    for (Stat.Named named : stats.all()) {
      if (filter.admits(named)) {
        switch (named.stat()) {
          case Counter counter -> line.accept(named.dotted(), Long.toString(counter.value()));
          case Gauge gauge -> line.accept(named.dotted(), Long.toString(gauge.value()));
          case Stat.Computed gauge -> line.accept(named.dotted(), Long.toString(gauge.value()));
          case Histogram ignored -> {}
        }
      }
    }
    stats.meters().getMeters().stream()
        .sorted(Comparator.comparing(StatsText::dotted))
        .forEach(meter -> meterLines(meter, filter, line));
  }

  private static void meterLines(Meter meter, StatsFilter filter, BiConsumer<String, String> line) {
    String name = dotted(meter);
    if (!filter.admits(name)) {
      return;
    }
    List<Measurement> measurements = new ArrayList<>();
    meter.measure().forEach(measurements::add);
    for (Measurement measurement : measurements) {
      double value = measurement.getValue();
      if (!Double.isFinite(value) || (filter.usedOnly() && value == 0)) {
        continue;
      }
      String suffix =
          measurements.size() == 1
              ? ""
              : "."
                  + measurement.getStatistic().getTagValueRepresentation().toLowerCase(Locale.ROOT);
      line.accept(name + suffix, number(value));
    }
  }

  private static String dotted(Meter meter) {
    StringBuilder name = new StringBuilder(meter.getId().getName());
    for (Tag tag : meter.getId().getTagsAsIterable()) {
      name.append('.').append(tag.getValue());
    }
    return name.toString();
  }

  /** A histogram at one moment, and its name. */
  private record Shown(String name, Histogram.Snapshot snapshot) {}

  private static List<Shown> histograms(Stats stats, StatsFilter filter) {
    List<Shown> shown = new ArrayList<>();
    for (Stat.Named named : stats.all()) {
      if (named.stat() instanceof Histogram histogram && filter.admits(named)) {
        shown.add(new Shown(named.dotted(), histogram.snapshot()));
      }
    }
    return shown;
  }

  private static void appendQuantiles(Histogram.Snapshot snapshot, StringBuilder out) {
    if (snapshot.count() == 0) {
      out.append("No recorded values");
      return;
    }
    for (double quantile : QUANTILES) {
      out.append('P')
          .append(number(quantile))
          .append("(nan,")
          .append(number(snapshot.quantile(quantile / 100)))
          .append(") ");
    }
    out.setLength(out.length() - 1);
  }

  /** Without a fraction that says nothing, and with at most three digits of one that does. */
  static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return Long.toString((long) value);
    }
    return Double.toString(Math.round(value * 1_000) / 1_000.0);
  }

  private static void appendQuoted(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
