package io.handfast.proxy.redirect;

import io.handfast.proxy.config.listener.CidrRange;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules as input of {@code iptables-restore --noflush} and {@code ip6tables-restore --noflush}:
 * chains of our own, which are emptied first, and a jump to each, which is added if it is not there
 * yet. Pure.
 */
final class IptablesRules {
  static final String INBOUND = "HANDFAST_INBOUND";
  static final String OUTBOUND = "HANDFAST_OUTBOUND";

  /** The jumps, as arguments behind {@code -A}, {@code -C} or {@code -D}. */
  static final List<List<String>> JUMPS =
      List.of(
          List.of("PREROUTING", "-p", "tcp", "-j", INBOUND),
          List.of("OUTPUT", "-p", "tcp", "-j", OUTBOUND));

  private IptablesRules() {}

  /**
   * The rules of one family.
   *
   * @param missing the jumps that are not there yet
   */
  static String install(RedirectPlan plan, boolean v6, List<List<String>> missing) {
    List<String> lines = new ArrayList<>();
    lines.add("*nat");
    lines.add(":" + INBOUND + " - [0:0]");
    lines.add(":" + OUTBOUND + " - [0:0]");
    inbound(plan, lines);
    outbound(plan, v6, lines);
    missing.forEach(jump -> lines.add("-A " + String.join(" ", jump)));
    lines.add("COMMIT");
    return String.join("\n", lines) + "\n";
  }

  private static void inbound(RedirectPlan plan, List<String> lines) {
    String add = "-A " + INBOUND;
    lines.add(add + " -i lo -j RETURN");
    plan.excludedInboundPorts()
        .forEach(port -> lines.add(add + " -p tcp --dport " + port + " -j RETURN"));
    String redirect = " -j REDIRECT --to-ports " + plan.inboundPort();
    if (plan.inboundPorts().isEmpty()) {
      lines.add(add + " -p tcp" + redirect);
    }
    plan.inboundPorts().forEach(port -> lines.add(add + " -p tcp --dport " + port + redirect));
  }

  private static void outbound(RedirectPlan plan, boolean v6, List<String> lines) {
    String add = "-A " + OUTBOUND;
    plan.uids().forEach(uid -> lines.add(add + " -m owner --uid-owner " + uid + " -j RETURN"));
    plan.gids().forEach(gid -> lines.add(add + " -m owner --gid-owner " + gid + " -j RETURN"));
    lines.add(add + " -o lo -j RETURN");
    plan.excludedOutboundPorts()
        .forEach(port -> lines.add(add + " -p tcp --dport " + port + " -j RETURN"));
    for (CidrRange range : plan.excludedRanges(v6)) {
      lines.add(add + " -d " + range + " -j RETURN");
    }
    String redirect = " -p tcp -j REDIRECT --to-ports " + plan.outboundPort();
    if (plan.outboundRanges().isEmpty()) {
      lines.add(add + redirect);
    }
    plan.ranges(v6).forEach(range -> lines.add(add + " -d " + range + redirect));
  }

  /** What takes everything away again, as arguments of {@code iptables -t nat}; each may fail. */
  static List<List<String>> cleanup() {
    List<List<String>> commands = new ArrayList<>();
    for (List<String> jump : JUMPS) {
      List<String> delete = new ArrayList<>(jump);
      delete.addFirst("-D");
      commands.add(delete);
    }
    for (String chain : List.of(INBOUND, OUTBOUND)) {
      commands.add(List.of("-F", chain));
      commands.add(List.of("-X", chain));
    }
    return commands;
  }
}
