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
    Map<String, List<Stat>> families = new TreeMap<>();
    for (Stat stat : stats.all()) {
      if (filter.admits(stat)) {
        families.computeIfAbsent(stat.name().prometheus(), name -> new ArrayList<>()).add(stat);
      }
    }
    StringBuilder out = new StringBuilder(32_768);
    families.forEach((name, members) -> family(name, members, out));
    if (filter.name() == null) {
      out.append(stats.registry().scrape(CONTENT_TYPE));
    }
    return out.toString();
  }

  private static void family(String name, List<Stat> members, StringBuilder out) {
    out.append("# TYPE ").append(name).append(' ').append(type(members.getFirst())).append('\n');
    for (Stat stat : members) {
      switch (stat) {
        case Counter counter -> sample(name, stat, null, Long.toString(counter.value()), out);
        case Gauge gauge -> sample(name, stat, null, Long.toString(gauge.value()), out);
        case ComputedGauge gauge -> sample(name, stat, null, Long.toString(gauge.value()), out);
        case Histogram histogram -> histogram(name, histogram, out);
      }
    }
  }

  private static String type(Stat stat) {
    return switch (stat) {
      case Counter ignored -> "counter";
      case Gauge ignored -> "gauge";
      case ComputedGauge ignored -> "gauge";
      case Histogram ignored -> "histogram";
    };
  }

  private static void histogram(String name, Histogram histogram, StringBuilder out) {
    Histogram.Snapshot snapshot = histogram.snapshot();
    for (int i = 0; i < snapshot.buckets(); i++) {
      String bound = StatsText.number(snapshot.bound(i));
      sample(name + "_bucket", histogram, bound, Long.toString(snapshot.cumulative(i)), out);
    }
    sample(name + "_bucket", histogram, "+Inf", Long.toString(snapshot.count()), out);
    sample(name + "_sum", histogram, null, Long.toString(snapshot.sum()), out);
    sample(name + "_count", histogram, null, Long.toString(snapshot.count()), out);
  }

  private static void sample(
      String name, Stat stat, @Nullable String bound, String value, StringBuilder out) {
    out.append(name).append('{');
    int start = out.length();
    for (StatName.Label label : stat.name().labels()) {
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
