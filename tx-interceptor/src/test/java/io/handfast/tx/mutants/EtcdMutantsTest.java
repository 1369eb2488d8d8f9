package io.handfast.tx.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Answer;
import io.handfast.tx.explorer.Machines;
import io.handfast.tx.explorer.etcd.Conditions;
import io.handfast.tx.explorer.etcd.EtcdSmall;
import io.handfast.tx.explorer.search.Search;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Stores on etcd that compare too little (T18, T19). The table is printed. */
class EtcdMutantsTest {
  private static Map<String, Conditions> all() {
    Map<String, Conditions> all = new LinkedHashMap<>();
    all.put(
        "write a branch record without compare-and-set",
        new Conditions() {
          @Override
          public boolean goesOn(boolean unchanged) {
            return true;
          }
        });
    all.put(
        "write COMMIT over ABORT",
        new Conditions() {
          @Override
          public boolean commits(boolean nothingStands, boolean began, boolean own) {
            return began && own;
          }
        });
    all.put(
        "write COMMIT without a living incarnation",
        new Conditions() {
          @Override
          public boolean commits(boolean nothingStands, boolean began, boolean own) {
            return nothingStands && own;
          }
        });
    all.put(
        "write ABORT over COMMIT, by a participant",
        new Conditions() {
          @Override
          public boolean aborts(boolean nothingStands, boolean unchanged) {
            return unchanged;
          }
        });
    all.put(
        "write ABORT for a branch that is another's by now",
        new Conditions() {
          @Override
          public boolean aborts(boolean nothingStands, boolean unchanged) {
            return nothingStands;
          }
        });
    all.put(
        "write ABORT over COMMIT, by a coordinator in doubt",
        new Conditions() {
          @Override
          public boolean resolves(boolean nothingStands, boolean began) {
            return began;
          }
        });
    all.put(
        "claim from the living",
        new Conditions() {
          @Override
          public boolean claims(boolean ownerLives, boolean claimerLives) {
            return claimerLives;
          }
        });
    all.put(
        "collect an ABORT record too early",
        new Conditions() {
          @Override
          public boolean collects(boolean began) {
            return true;
          }
        });
    all.put(
        "take a missing decision for ABORTED, in doubt",
        new Conditions() {
          @Override
          public Answer ofNothing() {
            return Answer.ABORTED;
          }
        });
    all.put(
        "take a missing decision for ABORT when its own incarnation is gone",
        new Conditions() {
          @Override
          public boolean nothingIsAbort() {
            return true;
          }
        });
    return all;
  }

  @Test
  void shouldCatchEveryStoreThatComparesTooLittleT19() {
    List<String> survivors = new ArrayList<>();

    all()
        .forEach((name, conditions) -> {
          // When
          long states = 0;
          String breach = "";
          for (EtcdSmall world : EtcdSmall.hunts()) {
            Search.Found found = world.explore(Machines.REAL, conditions);
            states += found.states();
            if (found.breach() != null) {
              breach = found.breach() + "; " + world;
              break;
            }
          }
          System.out.printf(Locale.ROOT, "%-66s | %,9d states | %s%n", name, states, breach);
          if (breach.isEmpty()) {
            survivors.add(name);
          }
        });

    // Then
    assertThat(survivors).isEmpty();
  }
}
