package io.handfast.proxy.redirect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.redirect.Redirection.Backend;
import io.handfast.proxy.redirect.Redirection.Ipv6;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is run, with programs that only note it. */
final class RedirectionTest {
  private static final RedirectPlan PLAN =
      new RedirectPlan(
          15006,
          15001,
          List.of(1337L),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of());

  /** Programs that do as they are told, or fail with a sentence. */
  private static final class Noting implements Commands {
    private final List<String> runs = new ArrayList<>();
    private final Set<String> programs;
    private final Set<String> failing;

    Noting(Set<String> programs, Set<String> failing) {
      this.programs = programs;
      this.failing = failing;
    }

    @Override
    public boolean has(String program) {
      return programs.contains(program);
    }

    @Override
    public Result run(List<String> command, String input) {
      String line = String.join(" ", command);
      runs.add(line + (input.isEmpty() ? "" : "\n" + input));
      boolean fails = failing.stream().anyMatch(line::contains);
      return fails ? new Result(1, "Permission denied\n") : new Result(0, "");
    }
  }

  private static final Set<String> ALL =
      Set.of("nft", "iptables", "ip6tables", "iptables-restore", "ip6tables-restore");

  @Test
  void shouldPreferNft() throws Exception {
    // Given
    Noting programs = new Noting(ALL, Set.of());

    // When
    new Redirection(programs, Backend.AUTO, Ipv6.AUTO).install(PLAN);

    // Then
    assertThat(programs.runs).containsExactly("nft -f -\n" + NftRules.install(PLAN, true));
  }

  @Test
  void shouldAddOnlyTheJumpsThatAreMissing() throws Exception {
    // Given
    Noting programs =
        new Noting(ALL, Set.of("iptables -w -t nat -C OUTPUT", "ip6tables -w -t nat -S"));

    // When
    new Redirection(programs, Backend.IPTABLES, Ipv6.AUTO).install(PLAN);

    // Then
    assertThat(programs.runs)
        .containsExactly(
            "ip6tables -w -t nat -S",
            "iptables -w -t nat -C PREROUTING -p tcp -j HANDFAST_INBOUND",
            "iptables -w -t nat -C OUTPUT -p tcp -j HANDFAST_OUTBOUND",
            "iptables-restore --wait=5 --noflush\n"
                + IptablesRules.install(PLAN, false, List.of(IptablesRules.JUMPS.getLast())));
  }

  @Test
  void shouldRedirectBothFamiliesWhereTheSystemHasThem() throws Exception {
    // Given
    Noting programs = new Noting(ALL, Set.of());

    // When
    new Redirection(programs, Backend.IPTABLES, Ipv6.AUTO).install(PLAN);

    // Then
    assertThat(programs.runs).anyMatch(run -> run.startsWith("iptables-restore"));
    assertThat(programs.runs).anyMatch(run -> run.startsWith("ip6tables-restore"));
  }

  @Test
  void shouldSayWhatTheProgramSaid() {
    // Given
    Redirection redirection =
        new Redirection(new Noting(ALL, Set.of("nft")), Backend.AUTO, Ipv6.AUTO);

    // When / Then
    assertThatThrownBy(() -> redirection.install(PLAN))
        .isInstanceOf(IOException.class)
        .hasMessage("nft -f -: Permission denied (expected: to be run as root, with NET_ADMIN)");
  }

  @Test
  void shouldCleanUpAfterEitherBackend() throws Exception {
    // Given
    Noting programs = new Noting(ALL, Set.of("iptables -w")); // there is nothing of iptables

    // When
    new Redirection(programs, Backend.AUTO, Ipv6.AUTO).cleanUp();

    // Then
    assertThat(programs.runs)
        .startsWith(
            "nft -f -\n" + NftRules.CLEANUP,
            "iptables -w -t nat -D PREROUTING -p tcp -j HANDFAST_INBOUND",
            "iptables -w -t nat -D OUTPUT -p tcp -j HANDFAST_OUTBOUND",
            "iptables -w -t nat -F HANDFAST_INBOUND",
            "iptables -w -t nat -X HANDFAST_INBOUND")
        .endsWith("iptables-save -t nat", "ip6tables-save -t nat");
  }

  @Test
  void shouldDescribeWithoutRunningAnything() {
    // Given
    Noting programs = new Noting(Set.of("nft"), Set.of());
    Redirection redirection = new Redirection(programs, Backend.AUTO, Ipv6.NEVER);

    // When
    String text = redirection.describe(PLAN) + redirection.describeCleanup();

    // Then
    assertThat(text)
        .isEqualTo(
            "# nft -f -\n" + NftRules.install(PLAN, false) + "# nft -f -\n" + NftRules.CLEANUP);
    assertThat(programs.runs).isEmpty();
  }
}
