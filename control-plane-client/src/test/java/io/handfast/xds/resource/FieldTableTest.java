package io.handfast.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.type.v3.Int64Range;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FieldTableTest {

  private static final FieldTable TABLE =
      FieldTable.parse(
          """
          # A comment.
          envoy.config.core.v3.Node
            id        honoured
            metadata  observed  for others
            *         refused   not built

          envoy.config.core.v3.SocketAddress
            protocol  honoured(TCP|UDP)  no others
          envoy.type.v3.**
          """);

  @Test
  void shouldSayWhatIsDoneWithAField() {
    assertThat(TABLE.rule(node("id")).status()).isEqualTo(FieldRule.Status.HONOURED);
    assertThat(TABLE.rule(node("metadata")).status()).isEqualTo(FieldRule.Status.OBSERVED);
    assertThat(TABLE.rule(node("metadata")).note()).isEqualTo("for others");
    assertThat(TABLE.rule(node("cluster")).note()).isEqualTo("not built");
    assertThat(TABLE.rule(socket("protocol")).values()).containsExactly("TCP", "UDP");
    assertThat(TABLE.rule(socket("address")).status()).isEqualTo(FieldRule.Status.REFUSED);
    assertThat(TABLE.listed(socket("address"))).isEmpty();
  }

  @Test
  void shouldHonourAMessageWhenItsPackageIsListed() {
    assertThat(TABLE.knows(Int64Range.getDescriptor())).isTrue();
    assertThat(TABLE.rule(Int64Range.getDescriptor().findFieldByName("end")).status())
        .isEqualTo(FieldRule.Status.HONOURED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.B\n  x maybe",
        "a.B\n  x honoured\n  x honoured",
        "a.B\na.B",
        "a.B\n  X honoured"
      })
  void shouldRefuseALineThatIsNone(String text) {
    assertThatThrownBy(() -> FieldTable.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(expected: ");
  }

  private static FieldDescriptor node(String name) {
    return Node.getDescriptor().findFieldByName(name);
  }

  private static FieldDescriptor socket(String name) {
    return SocketAddress.getDescriptor().findFieldByName(name);
  }
}
