package io.handfast.proxy.redirect;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts rules into the kernel and takes them away. Both can be done again and again; nobody's rules
 * but our own are touched. Confined to one thread, which may wait.
 */
public final class Redirection {

  /** What speaks to the kernel. */
  public enum Backend {
    /** {@code nft} if it is there, else {@code iptables}. */
    AUTO,
    NFT,
    IPTABLES
  }

  /** Whether IPv6 is redirected, too. */
  public enum Ipv6 {
    /** Where the system has it. */
    AUTO,
    ALWAYS,
    NEVER
  }

  private final Commands commands;
  private final Backend backend;
  private final Ipv6 ipv6;

  public Redirection(Commands commands, Backend backend, Ipv6 ipv6) {
    this.commands = commands;
    this.backend = backend;
    this.ipv6 = ipv6;
  }

  /** What {@link #install} would do, for people to read. */
  public String describe(RedirectPlan plan) {
    if (usesNft()) {
      return "# nft -f -\n" + NftRules.install(plan, ipv6 != Ipv6.NEVER);
    }
    StringBuilder text = new StringBuilder();
    for (boolean v6 : families()) {
      text.append("# ").append(String.join(" ", restore(v6))).append('\n');
      text.append(IptablesRules.install(plan, v6, IptablesRules.JUMPS));
    }
    return text.toString();
  }

  /**
   * Puts the rules in place of those that were there.
   *
   * @throws IOException with what the program said, if it cannot be done
   */
  public void install(RedirectPlan plan) throws IOException {
    if (usesNft()) {
      demand(List.of("nft", "-f", "-"), NftRules.install(plan, ipv6 != Ipv6.NEVER));
      return;
    }
    for (boolean v6 : families()) {
      List<List<String>> missing = new ArrayList<>();
      for (List<String> jump : IptablesRules.JUMPS) {
        if (!commands.run(iptables(v6, "-C", jump), "").isDone()) {
          missing.add(jump);
        }
      }
      demand(restore(v6), IptablesRules.install(plan, v6, missing));
    }
  }

  /** What {@link #cleanUp} would do, for people to read. */
  public String describeCleanup() {
    StringBuilder text = new StringBuilder();
    if (cleansNft()) {
      text.append("# nft -f -\n").append(NftRules.CLEANUP);
    }
    for (List<String> command : iptablesCleanup()) {
      text.append(String.join(" ", command)).append('\n');
    }
    return text.toString();
  }

  /**
   * Takes all rules away, whichever backend made them, as far as the programs are there.
   *
   * @throws IOException with what the program said, if it cannot be done
   */
  public void cleanUp() throws IOException {
    if (!commands.has("nft") && !commands.has("iptables")) {
      throw new IOException("neither nft nor iptables found (expected: one of them on PATH)");
    }
    if (cleansNft()) {
      demand(List.of("nft", "-f", "-"), NftRules.CLEANUP);
    }
    for (List<String> command : iptablesCleanup()) {
      commands.run(command, ""); // it fails where there is nothing to take away
    }
    for (boolean v6 : iptablesFamilies()) {
      String save = v6 ? "ip6tables-save" : "iptables-save";
      Commands.Result left = commands.run(List.of(save, "-t", "nat"), "");
      if (left.isDone() && left.output().contains("HANDFAST_")) {
        throw new IOException(save + " still shows rules of handfast (expected: none)");
      }
    }
  }

  private boolean cleansNft() {
    return backend != Backend.IPTABLES && commands.has("nft");
  }

  private List<List<String>> iptablesCleanup() {
    List<List<String>> all = new ArrayList<>();
    for (boolean v6 : iptablesFamilies()) {
      for (List<String> arguments : IptablesRules.cleanup()) {
        all.add(iptables(v6, arguments.getFirst(), arguments.subList(1, arguments.size())));
      }
    }
    return all;
  }

  private List<Boolean> iptablesFamilies() {
    List<Boolean> all = new ArrayList<>();
    if (backend != Backend.NFT && commands.has("iptables")) {
      all.add(false);
    }
    if (backend != Backend.NFT && commands.has("ip6tables")) {
      all.add(true);
    }
    return all;
  }

  private boolean usesNft() {
    return switch (backend) {
      case NFT -> true;
      case IPTABLES -> false;
      case AUTO -> commands.has("nft");
    };
  }

  private List<Boolean> families() {
    boolean v6 =
        switch (ipv6) {
          case ALWAYS -> true;
          case NEVER -> false;
          case AUTO -> commands.has("ip6tables-restore") && hasIpv6();
        };
    return v6 ? List.of(false, true) : List.of(false);
  }

  private boolean hasIpv6() {
    try {
      return commands.run(List.of("ip6tables", "-w", "-t", "nat", "-S"), "").isDone();
    } catch (IOException e) {
      return false;
    }
  }

  private static List<String> restore(boolean v6) {
    return List.of(v6 ? "ip6tables-restore" : "iptables-restore", "--wait=5", "--noflush");
  }

  private static List<String> iptables(boolean v6, String action, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(v6 ? "ip6tables" : "iptables", "-w", "-t", "nat", action));
    command.addAll(arguments);
    return command;
  }

  private void demand(List<String> command, String input) throws IOException {
    Commands.Result result = commands.run(command, input);
    if (!result.isDone()) {
      String said = result.output().strip();
      throw new IOException(
          String.join(" ", command)
              + ": "
              + (said.isEmpty() ? "exit code " + result.exitCode() : said)
              + " (expected: to be run as root, with NET_ADMIN)");
    }
  }
}
