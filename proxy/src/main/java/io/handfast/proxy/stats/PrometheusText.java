package io.handfast.proxy.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Statistics in the text exposition format of Prometheus (0.0.4): Envoy's names and labels, then
 * the meters of Micrometer. Stateless.
 */
public final class PrometheusText {

  /** The content type of the format. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private PrometheusText() {}

  /**
   * Renders what the filter admits; Micrometer's meters only if it names nothing, for their names
   * are not dotted.
   */
  public static String render(Stats stats, StatsFilter filter) {
    // Samples of one name must stand together, under one TYPE line.
    Map<String, List<Stat.Named>> families = new TreeMap<>();
    for (Stat.Named named : stats.all()) {
      if (filter.admits(named)) {
        families.computeIfAbsent(named.name().prometheus(), name -> new ArrayList<>()).add(named);
      }
    }
    StringBuilder out = new StringBuilder(32_768);
    families.forEach((name, members) -> family(name, members, out));
    if (filter.name() == null) {
      out.append(stats.registry().scrape(CONTENT_TYPE));
    }
    return out.toString();
  }

  private static void family(String name, List<Stat.Named> members, StringBuilder out) {
    String type = type(members.getFirst().stat());
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    for (Stat.Named named : members) {
      List<StatName.Label> labels = named.name().labels();
      switch (named.stat()) {
        case Counter counter -> sample(name, labels, null, counter.value(), out);
        case Gauge gauge -> sample(name, labels, null, gauge.value(), out);
        case Stat.Computed gauge -> sample(name, labels, null, gauge.value(), out);
        case Histogram histogram -> histogram(name, labels, histogram.snapshot(), out);
      }
    }
  }

  private static String type(Stat stat) {
    return switch (stat) {
      case Counter ignored -> "counter";
      case Gauge ignored -> "gauge";
      case Stat.Computed ignored -> "gauge";
      case Histogram ignored -> "histogram";
    };
  }

  private static void histogram(
      String name, List<StatName.Label> labels, Histogram.Snapshot snapshot, StringBuilder out) {
    for (int i = 0; i < snapshot.buckets(); i++) {
      String bound = StatsText.number(snapshot.bound(i));
      sample(name + "_bucket", labels, bound, snapshot.cumulative(i), out);
    }
    sample(name + "_bucket", labels, "+Inf", snapshot.count(), out);
    sample(name + "_sum", labels, null, snapshot.sum(), out);
    sample(name + "_count", labels, null, snapshot.count(), out);
  }

  private static void sample(
      String name,
      List<StatName.Label> labels,
      @Nullable String bound,
      long value,
      StringBuilder out) {
    out.append(name).append('{');
    int start = out.length();
    for (StatName.Label label : labels) {
      label(label.name(), label.value(), start, out);
    }
    if (bound != null) {
      label("le", bound, start, out);
    }
    out.append("} ").append(value).append('\n');
  }

  private static void label(String name, String value, int start, StringBuilder out) {
    if (out.length() > start) {
      out.append(',');
    }
    out.append(name)
        .append("=\"")
        .append(value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"))
        .append('"');
  }
}
