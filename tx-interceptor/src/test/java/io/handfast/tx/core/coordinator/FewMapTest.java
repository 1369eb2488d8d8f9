package io.handfast.tx.core.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a {@link LinkedHashMap} that is copied. */
final class FewMapTest {
  private static final int STEPS = 400;

  /** Keys whose hashes meet, as those of branches may. */
  private record Key(int number) {
    @Override
    public int hashCode() {
      return number % 5;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 9, 20, 64, 65, 130})
  void shouldBeWhatACopiedMapIsWhateverIsDoneToIt(int keys) {
    Random random = new Random(keys);
    Map<Key, Integer> copied = new LinkedHashMap<>();
    FewMap<Key, Integer> map = FewMap.empty();
    for (int step = 0; step < STEPS; step++) {
      Map<Key, Integer> before = new LinkedHashMap<>(copied);
      FewMap<Key, Integer> shared = map;
      Key key = new Key(random.nextInt(keys));
      switch (random.nextInt(4)) {
        case 0 -> {
          copied.put(key, step);
          map = map.with(key, step);
        }
        case 1 -> {
          Map<Key, Integer> more = new LinkedHashMap<>();
          for (int i = random.nextInt(keys + 1); i > 0; i--) {
            more.put(new Key(random.nextInt(keys)), step);
          }
          copied.putAll(more);
          map = map.with(more);
        }
        case 2 -> {
          copied.remove(key);
          map = map.without(List.of(key));
        }
        default -> {
          List<Key> gone = IntStream.range(0, keys / 2).mapToObj(Key::new).toList();
          copied.keySet().removeAll(gone);
          map = map.without(gone);
        }
      }
      assertSame(map, copied, keys);
      assertSame(shared, before, keys);
    }
  }

  private static void assertSame(FewMap<Key, Integer> map, Map<Key, Integer> copied, int keys) {
    assertThat(new ArrayList<>(map.entrySet())).isEqualTo(new ArrayList<>(copied.entrySet()));
    assertThat(map).isEqualTo(copied).hasSameHashCodeAs(copied).hasSize(copied.size());
    assertThat(copied).isEqualTo(map);
    for (int number = 0; number <= keys; number++) {
      Key key = new Key(number);
      assertThat(map.get(key)).isEqualTo(copied.get(key));
      assertThat(map.containsKey(key)).isEqualTo(copied.containsKey(key));
    }
  }

  @Test
  void shouldBeEqualInWhateverOrderTheEntriesCame() {
    FewMap<String, Integer> one = FewMap.<String, Integer>empty().with("a", 1).with("b", 2);
    FewMap<String, Integer> other = FewMap.<String, Integer>empty().with("b", 2).with("a", 1);
    assertThat(one).isEqualTo(other).hasSameHashCodeAs(other);
    assertThat(one.keySet()).containsExactly("a", "b");
    assertThat(other.keySet()).containsExactly("b", "a");
  }

  @Test
  void shouldTakeAKeyOnceWhenItIsTakenAwayTwice() {
    FewMap<String, Integer> map = FewMap.copyOf(Map.of("a", 1, "b", 2));
    assertThat(map.without(List.of("a", "a"))).isEqualTo(Map.of("b", 2));
  }

  @Test
  void shouldBeItselfWhenThereIsNothingToChange() {
    FewMap<String, Integer> map = FewMap.copyOf(Map.of("a", 1));
    assertThat(FewMap.copyOf(map)).isSameAs(map);
    assertThat(map.with(Map.of())).isSameAs(map);
    assertThat(map.without(List.of("a"))).isSameAs(FewMap.empty());
    assertThat(map.get(null)).isNull();
  }

  @Test
  void shouldEndItsIteration() {
    Iterator<String> keys = FewMap.copyOf(Map.of("a", 1)).keySet().iterator();
    assertThat(keys.next()).isEqualTo("a");
    assertThat(keys.hasNext()).isFalse();
    assertThatThrownBy(keys::next).isInstanceOf(NoSuchElementException.class);
  }
}
