package io.handfast.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class XdstpNameTest {

  private static final String CLUSTER = "envoy.config.cluster.v3.Cluster";

  @ParameterizedTest
  @CsvSource({
    "xdstp://cp/t.T/a, xdstp://cp/t.T/a",
    "xdstp:///t.T/a/b, xdstp:///t.T/a/b",
    "xdstp://cp/t.T/a?z=1&a=2, xdstp://cp/t.T/a?a=2&z=1",
    "xdstp://cp/t.T/a?z=#alt=xdstp://x/t.T/b, xdstp://cp/t.T/a?z=",
    "xdstp://cp/t.T/%41%3A%C3%A9, xdstp://cp/t.T/A%3A%C3%A9",
    "xdstp://cp/t.T/a?k%26=v%3D, xdstp://cp/t.T/a?k%26=v%3D",
    "plain?b=1&a=2, plain?b=1&a=2",
    "xdstp://cp/t.T, xdstp://cp/t.T"
  })
  void shouldSortAndEncodeX1(String name, String canonical) {
    assertThat(XdstpName.normalise(name)).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster",
        "xdstp://cp",
        "xdstp://cp/t.T",
        "xdstp://cp/t.T/",
        "xdstp://cp//a",
        "xdstp://cp/t.T/a?novalue",
        "xdstp://cp/t.T/a?=v",
        "xdstp://cp/t.T/a?k=1&k=2",
        "xdstp://cp/t.T/a%4",
        "xdstp://cp/t.T/a%zz",
        "xdstp://cp/t.T/%ff"
      })
  void shouldRefuseWhatIsMalformedX1(String name) {
    assertThatThrownBy(() -> XdstpName.parse(name))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessage(name + " (expected: xdstp://authority/type/id?key=value&… with each key once)");
  }

  @Test
  void shouldReadItsPartsX1() throws InvalidConfigException {
    // When
    XdstpName name = XdstpName.parse("xdstp://cp/t.T/a/b?x=1#alt=c,entry=d");

    // Then
    assertThat(name.authority()).isEqualTo("cp");
    assertThat(name.resourceType()).isEqualTo("t.T");
    assertThat(name.id()).isEqualTo("a/b");
    assertThat(name.context()).containsEntry("x", "1");
    assertThat(name.directives()).containsExactly("alt=c", "entry=d");
    assertThat(name.isCollection()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "xdstp://cp/t.T/a/*, xdstp://cp/t.T/a/b, true",
    "xdstp://cp/t.T/*, xdstp://cp/t.T/a/b, true",
    "xdstp://cp/t.T/a/*?x=1, xdstp://cp/t.T/a/b?x=1, true",
    "xdstp://cp/t.T/a/*?x=1, xdstp://cp/t.T/a/b, false",
    "xdstp://cp/t.T/a/*, xdstp://cp/t.T/ab, false",
    "xdstp://cp/t.T/a/*, xdstp://other/t.T/a/b, false",
    "xdstp://cp/t.T/a/*, xdstp://cp/t.U/a/b, false",
    "xdstp://cp/t.T/a, xdstp://cp/t.T/a, false"
  })
  void shouldKnowMembersOfACollectionX1(String collection, String name, boolean covered)
      throws InvalidConfigException {
    assertThat(XdstpName.parse(collection).covers(XdstpName.parse(name))).isEqualTo(covered);
  }

  @Test
  void shouldRejectTheWrongTypeX1() {
    assertThat(XdstpName.problem("xdstp://cp/" + CLUSTER + "/a", ResourceType.CLUSTER)).isEmpty();
    assertThat(XdstpName.problem("plain", ResourceType.LISTENER)).isEmpty();
    assertThat(XdstpName.problem("xdstp://cp/" + CLUSTER + "/a", ResourceType.LISTENER))
        .isEqualTo(
            "xdstp://cp/" + CLUSTER + "/a (expected: a name of envoy.config.listener.v3.Listener)");
    assertThat(XdstpName.problem("xdstp://cp", ResourceType.LISTENER))
        .startsWith("xdstp://cp (expected: xdstp://authority/");
  }
}
