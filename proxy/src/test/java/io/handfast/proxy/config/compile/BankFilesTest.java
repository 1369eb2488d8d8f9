package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.transaction.v1.TransactionManager;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.store.Compiled;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files that a reader opens first must be right. */
final class BankFilesTest {

  @ParameterizedTest
  @ValueSource(strings = {"transfers", "bank-a", "bank-b", "audit"})
  void shouldAcceptEveryFileOfTheBank(String service) {
    // Given
    Path file = Path.of("../examples/bank/mesh/" + service + ".yaml");

    // When
    Compiled<ConfigSnapshot> compiled =
        new ConfigLoader(TestExtensions.extensions()).validate(BootstrapSource.ofFile(file));

    // Then
    assertThat(compiled.errors()).isEmpty();
    assertThat(compiled.observed()).isEmpty();
    assertThat(compiled.snapshot().orElseThrow().bootstrapExtension(TransactionManager.class))
        .get()
        .extracting(TransactionManager::getServiceName)
        .isEqualTo(service);
  }
}
