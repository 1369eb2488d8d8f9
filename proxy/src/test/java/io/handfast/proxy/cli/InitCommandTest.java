package io.handfast.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class InitCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine line =
        Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return line.execute(args);
  }

  @Test
  void shouldPrintTheRulesOfItsOptions() {
    // When
    int exit =
        run(
            "init",
            "--dry-run",
            "--backend=nft",
            "-p",
            "1001",
            "-z",
            "1006",
            "-u",
            "7",
            "-g",
            "8,9",
            "-b",
            "80,81",
            "-d",
            "22",
            "-o",
            "25",
            "-i",
            "10.0.0.0/8,fd00::1",
            "-x",
            "10.1.1.1");

    // Then
    assertThat(exit).isZero();
    assertThat(out.toString())
        .startsWith("# nft -f -\n")
        .contains(
            "    tcp dport { 22, 15014, 15020, 15021, 15090 } return\n",
            "    tcp dport { 80, 81 } redirect to :1006\n",
            "    meta skuid 7 return\n    meta skgid 8 return\n    meta skgid 9 return\n",
            "    tcp dport { 25 } return\n",
            "    ip daddr 10.1.1.1/32 return\n",
            "    ip daddr 10.0.0.0/8 meta l4proto tcp redirect to :1001\n",
            "    ip6 daddr fd00:0:0:0:0:0:0:1/128 meta l4proto tcp redirect to :1001\n");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void shouldTakeTheNamesOfOtherMeshes() {
    // When
    int exit =
        run(
            "init",
            "--simulate",
            "--backend=iptables",
            "--ipv6=never",
            "--incoming-proxy-port=4143",
            "--outgoing-proxy-port=4140",
            "--proxy-uid=2102",
            "--inbound-ports-to-ignore=4190",
            "--outbound-ports-to-ignore=443",
            "--subnets-to-ignore=192.168.0.0/16");

    // Then
    assertThat(exit).isZero();
    assertThat(out.toString())
        .startsWith("# iptables-restore --wait=5 --noflush\n*nat\n")
        .contains("--to-ports 4143\n", "--to-ports 4140\n", "--uid-owner 2102 ", "--dport 4190 ")
        .contains("--dport 443 ", "-d 192.168.0.0/16 ")
        .doesNotContain("ip6tables");
  }

  @Test
  void shouldPrintWhatCleaningUpRuns() {
    // When
    int exit = run("init", "--dry-run", "--cleanup", "--backend=iptables");

    // Then
    assertThat(exit).isZero();
    assertThat(out.toString()).doesNotContain("nft");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--inbound-port=15001 | --inbound-port: 15001 (expected: another than the outbound port)",
        "--inbound-ports=80,x | --inbound-ports: x (expected: ports, or *)",
        "--inbound-ports=0 | --inbound-ports: 0 (expected: 1 to 65535)",
        "-i=10.0.0.0/33 | --include-outbound-cidrs: 10.0.0.0/33 (expected: such as 10.0.0.0/8 or fd00::/8)"
      })
  void shouldSayWhatIsWrong(String option, String expected) {
    // When
    int exit = run("init", "--dry-run", option);

    // Then
    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).startsWith(expected + "\n");
  }
}
