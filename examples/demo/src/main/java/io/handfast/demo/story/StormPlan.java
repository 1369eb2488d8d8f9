package io.handfast.demo.story;

import io.handfast.demo.town.Accounts;
import io.handfast.demo.town.Order;
import io.handfast.demo.town.Order.Place;
import io.handfast.demo.town.Ports.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * What a seed decides of the last act: who sends what to whom, and which sidecars are killed after
 * how long. Two plans of one seed are equal, however the run goes on. {@link #nextKill} is confined
 * to one thread.
 */
final class StormPlan {
  private static final int MAX_THINK_MS = 300;
  private static final int MAX_AMOUNT = 20_000;
  private static final int MAX_DOWN_MS = 200;

  /** One kill in so many takes two sidecars, where it does not draw the same one twice. */
  private static final int TWO_AT_ONCE = 4;

  private final long seed;
  private final Duration killEvery;
  private final Random kills;

  /** A transfer, and how long its client thinks before it asks. */
  record Job(Order order, Duration think) {}

  /**
   * A kill.
   *
   * @param after how long after all sidecars are ready
   * @param victims killed together
   * @param down until they are started again
   */
  record Kill(Duration after, Set<Member> victims, Duration down) {}

  /**
   * @param killEvery mean time from all sidecars being ready to the next kill
   */
  StormPlan(long seed, Duration killEvery) {
    this.seed = seed;
    this.killEvery = killEvery;
    // Another stream than the orders', so that more transfers do not change who is killed.
    this.kills = new Random(~seed);
  }

  List<Job> jobs(int transfers) {
    Random random = new Random(seed);
    List<Job> jobs = new ArrayList<>();
    for (int i = 1; i <= transfers; i++) {
      boolean fromA = random.nextBoolean();
      Place from = place(fromA ? Member.BANK_A : Member.BANK_B, random);
      Place to = place(fromA ? Member.BANK_B : Member.BANK_A, random);
      Order order = new Order("storm-" + i, from, to, 1 + random.nextInt(MAX_AMOUNT));
      jobs.add(new Job(order, Duration.ofMillis(random.nextInt(MAX_THINK_MS))));
    }
    return jobs;
  }

  private static Place place(Member bank, Random random) {
    List<String> names = Accounts.at(bank);
    return new Place(bank, names.get(random.nextInt(names.size())));
  }

  Kill nextKill() {
    Duration after = Duration.ofMillis((long) (killEvery.toMillis() * (0.5 + kills.nextDouble())));
    Set<Member> victims = EnumSet.of(victim());
    if (kills.nextInt(TWO_AT_ONCE) == 0) {
      victims.add(victim());
    }
    return new Kill(after, victims, Duration.ofMillis(kills.nextInt(MAX_DOWN_MS)));
  }

  private Member victim() {
    Member[] members = Member.values();
    return members[kills.nextInt(members.length)];
  }
}
