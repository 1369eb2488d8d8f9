package io.handfast.demo;

import io.handfast.demo.Order.Place;
import io.handfast.demo.Ports.Member;
import io.handfast.demo.Told.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The last act: many clients at once, while sidecars are killed and restarted. The seed decides who
 * sends what to whom, and which sidecars are killed after how long.
 */
final class StormAct {
  /** Each bank's own time for a call, so that kills meet work under way. */
  private static final long WORK_MS = 15;

  private static final int MAX_THINK_MS = 500;

  /** How long a client waits after anything but a commit: without, all would fail in one outage. */
  private static final Duration BACK_OFF = Duration.ofMillis(600);

  private static final int MAX_AMOUNT = 20_000;
  private static final int MAX_DOWN_MS = 300;

  /** One kill in so many takes two sidecars, where it does not draw the same one twice. */
  private static final int TWO_AT_ONCE = 4;

  private final Settings settings;

  /** A transfer, and how long its client thinks before it asks. */
  private record Job(Order order, Duration think) {}

  StormAct(Settings settings) {
    this.settings = settings;
  }

  Act act() {
    return new Act(settings.transfers() + " transfers while sidecars are killed", this::play);
  }

  private void play(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "%d clients make %d transfers between eight accounts, while sidecars are killed with kill -9"
                .formatted(Settings.CLIENTS, settings.transfers())
            + " and started again, the next about %d ms after all are ready. Seed %d."
                .formatted(settings.killEvery().toMillis(), settings.seed()));
    scene.slow(Member.BANK_A, WORK_MS, WORK_MS);
    scene.slow(Member.BANK_B, WORK_MS, WORK_MS);
    Map<Member, Integer> kills;
    List<Told> answers;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicInteger busy = new AtomicInteger(Settings.CLIENTS);
      ConcurrentLinkedQueue<Job> jobs = new ConcurrentLinkedQueue<>(jobs());
      List<Future<List<Told>>> clients = new ArrayList<>();
      for (int i = 0; i < Settings.CLIENTS; i++) {
        clients.add(threads.submit(() -> client(scene.teller(), jobs, busy)));
      }
      kills = killUntilDone(scene.town(), busy);
      answers = answers(clients);
    }
    scene.slow(Member.BANK_A, 0, 0);
    scene.slow(Member.BANK_B, 0, 0);
    scene.town().heal();
    tell(scene, answers, kills);
  }

  private List<Job> jobs() {
    Random random = new Random(settings.seed());
    List<Job> jobs = new ArrayList<>();
    for (int i = 1; i <= settings.transfers(); i++) {
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

  private static List<Told> client(
      Teller teller, ConcurrentLinkedQueue<Job> jobs, AtomicInteger busy)
      throws InterruptedException {
    List<Told> answers = new ArrayList<>();
    try {
      for (@Nullable Job job = jobs.poll(); job != null; job = jobs.poll()) {
        Thread.sleep(job.think());
        Told told = teller.ask(job.order());
        answers.add(told);
        if (told.verdict() != Verdict.COMMITTED) {
          Thread.sleep(BACK_OFF);
        }
      }
      return answers;
    } finally {
      busy.decrementAndGet();
    }
  }

  /** Kills one sidecar, at times two at once, and the next only when all are ready again. */
  private Map<Member, Integer> killUntilDone(Town town, AtomicInteger busy)
      throws IOException, InterruptedException {
    // Another stream than the orders', so that more transfers do not change who is killed.
    Random random = new Random(~settings.seed());
    Map<Member, Integer> kills = new EnumMap<>(Member.class);
    while (busy.get() > 0) {
      double factor = 0.5 + random.nextDouble();
      Duration pause = Duration.ofMillis((long) (settings.killEvery().toMillis() * factor));
      Set<Member> victims = EnumSet.of(victim(random));
      if (random.nextInt(TWO_AT_ONCE) == 0) {
        victims.add(victim(random));
      }
      Duration down = Duration.ofMillis(random.nextInt(MAX_DOWN_MS));
      if (Await.within(pause, () -> busy.get() == 0)) {
        break;
      }
      for (Member victim : victims) {
        town.sidecar(victim).process().kill9();
        kills.merge(victim, 1, Integer::sum);
      }
      Thread.sleep(down);
      town.heal();
    }
    return kills;
  }

  private static Member victim(Random random) {
    Member[] members = Member.values();
    return members[random.nextInt(members.length)];
  }

  private static List<Told> answers(List<Future<List<Told>>> clients) throws InterruptedException {
    List<Told> answers = new ArrayList<>();
    for (Future<List<Told>> client : clients) {
      try {
        answers.addAll(client.get());
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    return answers;
  }

  private static void tell(Scene scene, List<Told> answers, Map<Member, Integer> kills) {
    Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
    answers.forEach(told -> counts.merge(told.verdict(), 1, Integer::sum));
    List<String> told = new ArrayList<>();
    counts.forEach((verdict, count) -> told.add(count + " " + verdict.title));
    List<String> killed = new ArrayList<>();
    kills.forEach((member, count) -> killed.add(member.title + " " + count));
    int total = kills.values().stream().mapToInt(Integer::intValue).sum();
    scene.say(
        "Sidecars killed: %d (%s). The clients were told: %s."
            .formatted(total, String.join(", ", killed), String.join(", ", told)));
    scene.summary(String.join(", ", told));
  }
}
