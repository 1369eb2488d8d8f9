package io.handfast.demo.town;

import io.handfast.demo.town.Ports.Member;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace for each service and its sidecar, as a pod has one, and one with the switch
 * between them, to which this host has a cable, too. Confined to one thread at a time; closing it
 * leaves nothing behind.
 */
public final class Pods implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  /** The sidecars' group: what it does is not redirected. The services have the demo's own. */
  static final String SIDECAR_GROUP = "1337";

  private final String id = Long.toString(ProcessHandle.current().pid(), 36);
  private final int net = (int) (ProcessHandle.current().pid() % 250);
  private final List<String> namespaces = new ArrayList<>();

  /** Says why there can be none; empty if there can. */
  public static String obstacle() {
    try {
      String name = "hf-may-i-" + ProcessHandle.current().pid();
      run(List.of("ip", "netns", "add", name));
      run(List.of("ip", "netns", "del", name));
      run(List.of("setpriv", "--version"));
    } catch (DemoFailure | IOException e) {
      return "needs root, and the programs ip, setpriv, and nft or iptables ("
          + e.getMessage()
          + ")";
    }
    try {
      run(List.of("nft", "--version"));
    } catch (DemoFailure | IOException e) {
      return tryIptables();
    }
    return "";
  }

  private static String tryIptables() {
    try {
      run(List.of("iptables-restore", "--version"));
      return "";
    } catch (DemoFailure | IOException e) {
      return "needs nft or iptables (" + e.getMessage() + ")";
    }
  }

  /** Makes all of them. */
  void start() throws IOException {
    String middle = namespace("net");
    run(List.of("ip", "-n", middle, "link", "add", "switch", "type", "bridge"));
    run(List.of("ip", "-n", middle, "link", "set", "switch", "up"));
    for (Member member : Member.values()) {
      String pod = namespace(member.title);
      cable(List.of("ip", "-n", pod), "eth0", middle, "to-" + member.title);
      run(List.of("ip", "-n", pod, "link", "set", "lo", "up"));
      address(List.of("ip", "-n", pod), "eth0", v4(member), v6(member));
    }
    cable(List.of("ip"), "hf" + id, middle, "to-host");
    address(List.of("ip"), "hf" + id, hostV4(), hostV6());
  }

  private String namespace(String name) throws IOException {
    String full = "hf-" + id + "-" + name;
    namespaces.add(full);
    run(List.of("ip", "netns", "add", full));
    return full;
  }

  private static void cable(List<String> where, String end, String middle, String other)
      throws IOException {
    run(join(where, List.of("link", "add", end, "type", "veth", "peer", other, "netns", middle)));
    run(List.of("ip", "-n", middle, "link", "set", other, "master", "switch", "up"));
  }

  private static void address(List<String> where, String device, String v4, String v6)
      throws IOException {
    run(join(where, List.of("addr", "add", v4 + "/24", "dev", device)));
    run(join(where, List.of("addr", "add", v6 + "/64", "dev", device, "nodad")));
    run(join(where, List.of("link", "set", device, "up")));
  }

  String v4(Member member) {
    return "10.213." + net + "." + number(member);
  }

  String v6(Member member) {
    return "fd13:%x::%d".formatted(net, number(member));
  }

  /** Its place among the others, from 1. */
  private static int number(Member member) {
    return new Ports(0).inbound(member) / 100 + 1;
  }

  /** This host, as the pods see it. */
  String hostV4() {
    return "10.213." + net + ".254";
  }

  private String hostV6() {
    return "fd13:%x::fe".formatted(net);
  }

  /** Where the pods and this host are. */
  String rangeV4() {
    return "10.213." + net + ".0/24";
  }

  /** The command as it runs in a pod. */
  List<String> inside(Member member, List<String> command) {
    return join(List.of("ip", "netns", "exec", "hf-" + id + "-" + member.title), command);
  }

  /** The command as it runs in a pod as a sidecar. */
  List<String> asSidecar(Member member, List<String> command) {
    return inside(
        member, join(List.of("setpriv", "--regid", SIDECAR_GROUP, "--clear-groups"), command));
  }

  private static List<String> join(List<String> first, List<String> second) {
    List<String> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  /**
   * Runs a program to its end.
   *
   * @throws DemoFailure with what it said, if it fails
   */
  static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new DemoFailure(String.join(" ", command) + ": " + said.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoFailure("interrupted while waiting for " + command.getFirst());
    } finally {
      process.destroyForcibly();
    }
  }

  /** Takes them away; the cables go with their ends. */
  @Override
  public void close() {
    List<String> all = List.copyOf(namespaces);
    namespaces.clear();
    for (String name : all) {
      try {
        run(List.of("ip", "netns", "del", name));
      } catch (IOException | DemoFailure e) {
        System.err.println("Left behind: namespace " + name + " (" + e.getMessage() + ")");
      }
    }
  }
}
