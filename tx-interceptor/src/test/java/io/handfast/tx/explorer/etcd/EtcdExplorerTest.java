package io.handfast.tx.explorer.etcd;

import io.handfast.tx.explorer.Machines;
import io.handfast.tx.explorer.search.Explored;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every history of small worlds on etcd. What was seen is printed. */
class EtcdExplorerTest {
  @Test
  @DisplayName("T18, T19: AC1 to AC5 where replicas take over and lost sidecars wake")
  void shouldKeepEveryPromiseOnEtcdT19() {
    explore(EtcdSmall.always());
  }

  @Test
  @Tag("full")
  @DisplayName("the same with more faults")
  void shouldKeepEveryPromiseOnEtcdInWiderWorldsT19() {
    explore(EtcdSmall.wide());
  }

  private static void explore(List<EtcdSmall> worlds) {
    Explored.soundly(worlds, world -> world.explore(Machines.REAL, Conditions.REAL));
  }
}
