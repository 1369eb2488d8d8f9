package io.handfast.proxy.explain;

import io.handfast.proxy.explain.Explanation.Choice;
import io.handfast.proxy.explain.Explanation.Destination;
import io.handfast.proxy.explain.Explanation.PassedOver;
import io.handfast.proxy.explain.Explanation.Target;

/** An explanation for people: a field a line, what was passed over below what was chosen. */
public final class ExplanationText {

  private static final String FORM = "%-14s%s%n";

  private ExplanationText() {}

  /** All of it, line by line. */
  public static String of(Explanation explanation) {
    StringBuilder out = new StringBuilder();
    out.append(FORM.formatted("Outcome:", explanation.outcome()));
    choice(out, "Listener:", explanation.listener());
    choice(out, "Filter chain:", explanation.filterChain());
    if (!explanation.request().isEmpty()) {
      out.append(FORM.formatted("Request:", explanation.request()));
    }
    choice(out, "Virtual host:", explanation.virtualHost());
    choice(out, "Route:", explanation.route());
    explanation.clusters().forEach(each -> cluster(out, each));
    String label = "Transaction:";
    for (var each : explanation.transaction().entrySet()) {
      out.append(FORM.formatted(label, each.getKey() + ": " + each.getValue()));
      label = "";
    }
    return out.toString();
  }

  private static void choice(StringBuilder out, String label, Choice choice) {
    if (!choice.chosen().isEmpty()) {
      String because = choice.because().isEmpty() ? "" : " (" + choice.because() + ")";
      out.append(FORM.formatted(label, choice.chosen() + because));
    } else if (!choice.passedOver().isEmpty()) {
      out.append(FORM.formatted(label, "none"));
    }
    for (PassedOver each : choice.passedOver()) {
      out.append("  not %s: %s%n".formatted(each.name(), each.why()));
    }
  }

  private static void cluster(StringBuilder out, Destination cluster) {
    String share = cluster.share().isEmpty() ? "" : " (" + cluster.share() + ")";
    String note = cluster.note().isEmpty() ? "" : ": " + cluster.note();
    out.append(FORM.formatted("Cluster:", cluster.cluster() + share + note));
    for (Target each : cluster.endpoints()) {
      out.append("  ")
          .append(each.address())
          .append("  ")
          .append(each.health())
          .append("  priority ")
          .append(each.priority())
          .append("  weight ")
          .append(each.weight())
          .append(each.locality().isEmpty() ? "" : "  " + each.locality())
          .append(System.lineSeparator());
    }
  }
}
