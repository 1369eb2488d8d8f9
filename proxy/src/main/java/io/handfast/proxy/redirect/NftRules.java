package io.handfast.proxy.redirect;

import io.handfast.proxy.config.listener.CidrRange;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The rules in the language of {@code nft}: one table for both families, replaced as a whole, so
 * that doing it twice is doing it once. Pure.
 */
final class NftRules {

  /** A table that need not be there can be deleted once it is declared. */
  static final String CLEANUP = "table inet handfast\ndelete table inet handfast\n";

  private static final String ONLY_V4 = "meta nfproto ipv6 return";

  private NftRules() {}

  /**
   * The whole table.
   *
   * @param v6 whether IPv6 is redirected, too
   */
  static String install(RedirectPlan plan, boolean v6) {
    StringBuilder text = new StringBuilder(CLEANUP);
    text.append("table inet handfast {\n");
    text.append("  chain prerouting {\n");
    text.append("    type nat hook prerouting priority -100; policy accept;\n");
    rule(text, v6 ? "" : ONLY_V4);
    rule(text, "iifname \"lo\" return");
    rule(text, ports("return", plan.excludedInboundPorts()));
    String redirect = "redirect to :" + plan.inboundPort();
    rule(
        text,
        plan.inboundPorts().isEmpty()
            ? "meta l4proto tcp " + redirect
            : ports(redirect, plan.inboundPorts()));
    text.append("  }\n");
    text.append("  chain output {\n");
    text.append("    type nat hook output priority -100; policy accept;\n");
    rule(text, v6 ? "" : ONLY_V4);
    output(text, plan);
    text.append("  }\n}\n");
    return text.toString();
  }

  private static void output(StringBuilder text, RedirectPlan plan) {
    plan.uids().forEach(uid -> rule(text, "meta skuid " + uid + " return"));
    plan.gids().forEach(gid -> rule(text, "meta skgid " + gid + " return"));
    rule(text, "oifname \"lo\" return");
    rule(text, ports("return", plan.excludedOutboundPorts()));
    ranges(text, plan.excludedRanges(false), "ip", "return");
    ranges(text, plan.excludedRanges(true), "ip6", "return");
    String redirect = "redirect to :" + plan.outboundPort();
    if (plan.outboundRanges().isEmpty()) {
      rule(text, "meta l4proto tcp " + redirect);
    } else {
      ranges(text, plan.ranges(false), "ip", "meta l4proto tcp " + redirect);
      ranges(text, plan.ranges(true), "ip6", "meta l4proto tcp " + redirect);
    }
  }

  private static void rule(StringBuilder text, String rule) {
    if (!rule.isEmpty()) {
      text.append("    ").append(rule).append('\n');
    }
  }

  private static String ports(String verdict, List<Integer> ports) {
    return ports.isEmpty()
        ? ""
        : ports.stream()
            .map(String::valueOf)
            .collect(Collectors.joining(", ", "tcp dport { ", " } " + verdict));
  }

  /** A rule each: ranges that overlap are no set. */
  private static void ranges(
      StringBuilder text, List<CidrRange> ranges, String family, String verdict) {
    ranges.forEach(range -> rule(text, family + " daddr " + range + " " + verdict));
  }
}
