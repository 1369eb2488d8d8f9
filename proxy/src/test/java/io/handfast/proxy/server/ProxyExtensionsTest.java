package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.compile.ConfigLoader;
import io.handfast.xds.resource.TypeRegistry;
import org.junit.jupiter.api.Test;

final class ProxyExtensionsTest {

  /** Those names are made of the names of classes. */
  @Test
  void shouldKnowEveryMessageByTheNameThatItsDescriptorHas() {
    TypeRegistry types = new ConfigLoader(ProxyExtensions.all()).types();

    assertThat(types.names())
        .hasSizeGreaterThan(30)
        .allSatisfy(name ->
            assertThat(types.find(name).orElseThrow().getDescriptorForType().getFullName())
                .isEqualTo(name));
  }
}
