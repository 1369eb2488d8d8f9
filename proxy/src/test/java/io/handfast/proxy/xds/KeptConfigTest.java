package io.handfast.proxy.xds;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.xds.cache.CacheException;
import io.handfast.xds.cache.CacheOwner;
import io.handfast.xds.cache.ConfigCache;
import io.handfast.xds.store.ResourceSet;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeptConfigTest {

  @Test
  void shouldEndWithWhatItWritesAndNotWithWhatWouldBeDueLater(@TempDir Path directory)
      throws CacheException, InterruptedException {
    // Given
    ScheduledExecutorService disk = Executors.newSingleThreadScheduledExecutor();
    CountDownLatch written = new CountDownLatch(1);
    ResourceSet resources = ResourceSet.of(Bootstrap.getDefaultInstance());
    ConfigCache cache =
        ConfigCache.open(
            directory,
            CacheOwner.of(Bootstrap.getDefaultInstance()),
            disk,
            System::nanoTime,
            new ConfigCache.Events() {
              @Override
              public void saved() {
                written.countDown();
              }

              @Override
              public void failed() {}
            });
    cache.save(resources, 1);
    written.await();
    cache.save(resources, 2);

    // When
    new KeptConfig(cache, disk).close();

    // Then
    assertThat(disk.isTerminated()).isTrue();
    assertThat(cache.load().orElseThrow().epochMillis()).isEqualTo(2);
  }
}
