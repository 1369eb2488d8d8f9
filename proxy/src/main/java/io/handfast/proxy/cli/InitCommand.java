package io.handfast.proxy.cli;

import io.handfast.proxy.config.listener.CidrRange;
import io.handfast.proxy.redirect.RedirectPlan;
import io.handfast.proxy.redirect.Redirection;
import io.handfast.proxy.redirect.SystemCommands;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code handfast init}: redirects the connections of a network namespace to its sidecar. */
@Command(
    name = "init",
    description = {
      "Redirects TCP connections of this network namespace to its sidecar, by nft or iptables.",
      "Needs root or NET_ADMIN; may be run again, and replaces what it did before."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = Version.class)
final class InitCommand implements Callable<Integer> {
  private static final String EVERYTHING = "*";

  @Option(
      names = {"-p", "--outbound-port", "--envoy-port", "--outgoing-proxy-port"},
      paramLabel = "PORT",
      defaultValue = "" + RedirectPlan.DEFAULT_OUTBOUND_PORT,
      description = "The sidecar's, for connections from here. Default: ${DEFAULT-VALUE}")
  private int outboundPort;

  @Option(
      names = {"-z", "--inbound-port", "--inbound-capture-port", "--incoming-proxy-port"},
      paramLabel = "PORT",
      defaultValue = "" + RedirectPlan.DEFAULT_INBOUND_PORT,
      description = "The sidecar's, for connections to here. Default: ${DEFAULT-VALUE}")
  private int inboundPort;

  @Option(
      names = {"-u", "--proxy-uid"},
      paramLabel = "UID",
      split = ",",
      defaultValue = "" + RedirectPlan.DEFAULT_ID,
      description = "Users whose connections are the sidecar's own. Default: ${DEFAULT-VALUE}")
  private List<Long> uids = new ArrayList<>();

  @Option(
      names = {"-g", "--proxy-gid"},
      paramLabel = "GID",
      split = ",",
      defaultValue = "" + RedirectPlan.DEFAULT_ID,
      description = "Groups, likewise. Default: ${DEFAULT-VALUE}")
  private List<Long> gids = new ArrayList<>();

  @Option(
      names = {"-b", "--inbound-ports"},
      paramLabel = "PORT",
      split = ",",
      defaultValue = EVERYTHING,
      description = "Ports of this namespace that are redirected. Default: ${DEFAULT-VALUE}")
  private List<String> inboundPorts = new ArrayList<>();

  @Option(
      names = {"-d", "--exclude-inbound-ports", "--inbound-ports-to-ignore"},
      paramLabel = "PORT",
      split = ",",
      description = "Ports that are not, beside the sidecar's 15014, 15020, 15021 and 15090.")
  private List<Integer> excludedInboundPorts = new ArrayList<>();

  @Option(
      names = {"-o", "--exclude-outbound-ports", "--outbound-ports-to-ignore"},
      paramLabel = "PORT",
      split = ",",
      description = "Ports of peers to which connections are not redirected.")
  private List<Integer> excludedOutboundPorts = new ArrayList<>();

  @Option(
      names = {"-i", "--include-outbound-cidrs"},
      paramLabel = "CIDR",
      split = ",",
      defaultValue = EVERYTHING,
      description = "Addresses of peers to which they are. Default: ${DEFAULT-VALUE}")
  private List<String> outboundRanges = new ArrayList<>();

  @Option(
      names = {"-x", "--exclude-outbound-cidrs", "--subnets-to-ignore"},
      paramLabel = "CIDR",
      split = ",",
      converter = CidrConverter.class,
      description = "Addresses of peers to which they are not, beside loopback.")
  private List<CidrRange> excludedOutboundRanges = new ArrayList<>();

  @Option(
      names = "--backend",
      paramLabel = "BACKEND",
      defaultValue = "AUTO",
      description = "${COMPLETION-CANDIDATES}. Default: nft if it is there, else iptables.")
  private Redirection.Backend backend = Redirection.Backend.AUTO;

  @Option(
      names = "--ipv6",
      paramLabel = "WHEN",
      defaultValue = "AUTO",
      description =
          "Whether IPv6 is redirected: ${COMPLETION-CANDIDATES}. Default: where the system has it.")
  private Redirection.Ipv6 ipv6 = Redirection.Ipv6.AUTO;

  @Option(
      names = {"-n", "--dry-run", "--simulate"},
      description = "Print the rules, change nothing.")
  private boolean dryRun;

  @Option(names = "--cleanup", description = "Take the rules away.")
  private boolean cleanup;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    Redirection redirection = new Redirection(new SystemCommands(), backend, ipv6);
    RedirectPlan plan = plan();
    try {
      if (dryRun) {
        String text = cleanup ? redirection.describeCleanup() : redirection.describe(plan);
        spec.commandLine().getOut().print(text);
        spec.commandLine().getOut().flush();
      } else if (cleanup) {
        redirection.cleanUp();
      } else {
        redirection.install(plan);
      }
      return 0;
    } catch (IOException e) {
      spec.commandLine().getErr().println("init: " + e.getMessage());
      return Main.FAILED;
    }
  }

  private RedirectPlan plan() {
    try {
      return new RedirectPlan(
          inboundPort,
          outboundPort,
          uids,
          gids,
          isEverything(inboundPorts) ? List.of() : inboundPorts.stream().map(this::port).toList(),
          Stream.concat(excludedInboundPorts.stream(), RedirectPlan.OWN_PORTS.stream()).toList(),
          excludedOutboundPorts,
          isEverything(outboundRanges)
              ? List.of()
              : outboundRanges.stream().map(this::range).toList(),
          excludedOutboundRanges);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage());
    }
  }

  private static boolean isEverything(List<String> values) {
    return values.equals(List.of(EVERYTHING));
  }

  private int port(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new ParameterException(
          spec.commandLine(), "--inbound-ports: " + text + " (expected: ports, or *)");
    }
  }

  private CidrRange range(String text) {
    try {
      return new CidrConverter().convert(text);
    } catch (TypeConversionException e) {
      throw new ParameterException(
          spec.commandLine(), "--include-outbound-cidrs: " + e.getMessage());
    }
  }

  /** {@code 10.0.0.0/8}, or an address. */
  static final class CidrConverter implements ITypeConverter<CidrRange> {
    @Override
    public CidrRange convert(String text) {
      try {
        int slash = text.indexOf('/');
        InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int bits = address.getAddress().length * 8;
        return new CidrRange(
            address, slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1)));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(text + " (expected: such as 10.0.0.0/8 or fd00::/8)");
      }
    }
  }
}
