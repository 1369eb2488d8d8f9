package io.handfast.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NamesTest {

  private static final List<String> NAMES = List.of("filter_chains", "name", "address");

  @Test
  void shouldFindTheNearestName() {
    assertThat(Names.nearest("filterChain", NAMES)).contains("filter_chains");
    assertThat(Names.nearest("adress", NAMES)).contains("address");
    assertThat(Names.hint("nme", NAMES)).isEqualTo("; did you mean 'name'?");
  }

  @Test
  void shouldSuggestNothingWhenNothingIsNear() {
    assertThat(Names.nearest("listener", NAMES)).isEmpty();
    assertThat(Names.nearest("x".repeat(1000), NAMES)).isEmpty();
    assertThat(Names.hint("listener", NAMES)).isEmpty();
  }
}
