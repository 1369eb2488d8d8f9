package io.handfast.demo.town;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.demo.town.Ports.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class PortsTest {
  private static final Path MESH = Path.of("../bank/mesh");
  private static final Pattern PORT = Pattern.compile("port(?:_value)?: (\\d+)");

  @Test
  void shouldNameEveryPortOfTheMeshFilesWhenBlockIsTheDefault() throws IOException {
    // Given
    Ports ports = new Ports(Ports.DEFAULT_BASE);

    // When
    List<Integer> named = new ArrayList<>();
    for (Member member : Member.values()) {
      named.addAll(portsIn(Files.readString(MESH.resolve(member.title + ".yaml"))));
    }

    // Then
    assertThat(named).hasSizeGreaterThan(20);
    assertThat(ports.all()).containsAll(named).doesNotHaveDuplicates();
    assertThat(named).containsAll(ports.all());
    assertThat(ports.besides())
        .hasSize(13)
        .doesNotHaveDuplicates()
        .doesNotContainAnyElementsOf(named);
  }

  @Test
  void shouldKnowEveryPortOfThePlainBankWhenItsFilesNameIt() throws IOException {
    // Given
    Ports ports = new Ports(Ports.DEFAULT_BASE);
    List<Integer> known = new ArrayList<>(ports.all());
    known.addAll(ports.besides());

    // When
    List<Integer> named = new ArrayList<>();
    for (Member member : List.of(Member.TRANSFERS, Member.BANK_A, Member.BANK_B)) {
      named.addAll(portsIn(Files.readString(MESH.resolve("database/" + member.title + ".yaml"))));
      assertThat(named).contains(ports.database(member));
    }

    // Then
    assertThat(named).contains(ports.postgres()).hasSizeGreaterThan(20);
    assertThat(known).containsAll(named);
  }

  @Test
  void shouldMoveEveryPortWhenFileIsRewritten() throws IOException {
    // Given
    Ports ports = new Ports(22_000);
    String file = Files.readString(MESH.resolve("transfers.yaml"));

    // When
    String rewritten = ports.rewrite(file);

    // Then
    assertThat(portsIn(rewritten))
        .containsExactlyElementsOf(portsIn(file).stream().map(port -> port + 4000).toList());
    assertThat(rewritten).contains("authority: \"127.0.0.1:22014\"").doesNotContain("18014");
  }

  @Test
  void shouldTakeAnotherBlockWhenADemoIsAboutToUseTheFirst() throws IOException {
    // Given
    try (Ports.Choice one = Ports.choose();

        // When
        Ports.Choice other = Ports.choose()) {

      // Then
      assertThat(other.ports().base()).isNotEqualTo(one.ports().base());
      assertThat(other.taken()).isPresent();
    }
  }

  private static List<Integer> portsIn(String file) {
    List<Integer> ports = new ArrayList<>();
    Matcher matcher = PORT.matcher(file);
    while (matcher.find()) {
      ports.add(Integer.parseInt(matcher.group(1)));
    }
    return ports;
  }
}
