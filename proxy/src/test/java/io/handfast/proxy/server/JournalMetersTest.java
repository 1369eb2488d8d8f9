package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.journal.JournalStats;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import java.util.List;
import org.junit.jupiter.api.Test;

class JournalMetersTest {

  @Test
  void shouldExportTheJournalsBucketsAsAHistogram() {
    // Given: batches of 1, of 2 to 3, of 4 to 7, and of more
    JournalStats stats =
        new JournalStats(
            40, 0, 0, 0, 10, 0, 0, 0, List.of(5L, 3L, 0L, 2L), 0, 0, 0, 1, 0, 0, 0, false);

    // When
    HistogramDataPointSnapshot batches = JournalMeters.batches(stats).getDataPoints().getFirst();

    // Then
    ClassicHistogramBuckets buckets = batches.getClassicBuckets();
    assertThat(buckets.stream().map(it -> it.getUpperBound()).toList())
        .containsExactly(1.0, 3.0, 7.0, Double.POSITIVE_INFINITY);
    assertThat(buckets.stream().map(it -> it.getCount()).toList()).containsExactly(5L, 3L, 0L, 2L);
    assertThat(batches.getSum()).isEqualTo(40);
    assertThat(batches.getCount()).isEqualTo(10);
  }
}
