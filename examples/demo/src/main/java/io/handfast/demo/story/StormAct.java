package io.handfast.demo.story;

import io.handfast.demo.story.StormPlan.Job;
import io.handfast.demo.story.StormPlan.Kill;
import io.handfast.demo.town.Await;
import io.handfast.demo.town.Kind;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told;
import io.handfast.demo.town.Told.Verdict;
import io.handfast.demo.town.Town;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The last act: many clients at once, while sidecars are killed and restarted. */
final class StormAct {
  /** Each bank's own time for a call, so that kills meet work under way. */
  private static final long WORK_MS = 15;

  private final Settings settings;
  private final Kind kind;

  /** How many clients have not ended, and how many of them wait for an answer. */
  private record Crowd(AtomicInteger busy, AtomicInteger waiting) {}

  /** What the kills did: how often each sidecar was hit, and clients waiting at these moments. */
  private record Kills(Map<Member, Integer> counts, int waiting) {}

  StormAct(Settings settings, Kind kind) {
    this.settings = settings;
    this.kind = kind;
  }

  Act act() {
    return new Act(transfers() + " transfers while sidecars are killed", this::play);
  }

  /** In plain SQL fewer, for what is prepared is locked until its sidecar is back. */
  private int clients() {
    return kind == Kind.DATABASE ? Settings.PLAIN_CLIENTS : Settings.CLIENTS;
  }

  private int transfers() {
    return settings.transfers().orElse(kind == Kind.DATABASE ? 30 : 200);
  }

  private void play(Scene scene) throws IOException, InterruptedException {
    scene.say(
        "%d clients make %d transfers between eight accounts, while sidecars are killed with kill -9"
                .formatted(clients(), transfers())
            + " and started again, the next about %d ms after all are ready. Seed %d."
                .formatted(settings.killEvery().toMillis(), settings.seed()));
    scene.slowEvery(Member.BANK_A, WORK_MS);
    scene.slowEvery(Member.BANK_B, WORK_MS);
    StormPlan plan = new StormPlan(settings.seed(), settings.killEvery());
    Kills kills;
    List<Told> answers;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Crowd crowd = new Crowd(new AtomicInteger(clients()), new AtomicInteger());
      ConcurrentLinkedQueue<Job> jobs = new ConcurrentLinkedQueue<>(plan.jobs(transfers()));
      List<Future<List<Told>>> clients = new ArrayList<>();
      for (int i = 0; i < clients(); i++) {
        clients.add(threads.submit(() -> client(scene.teller(), jobs, crowd)));
      }
      kills = killUntilDone(scene.town(), plan, crowd);
      answers = answers(clients);
    }
    scene.slowEvery(Member.BANK_A, 0);
    scene.slowEvery(Member.BANK_B, 0);
    scene.town().heal();
    tell(scene, answers, kills);
  }

  private static List<Told> client(Teller teller, ConcurrentLinkedQueue<Job> jobs, Crowd crowd)
      throws InterruptedException {
    List<Told> answers = new ArrayList<>();
    try {
      for (@Nullable Job job = jobs.poll(); job != null; job = jobs.poll()) {
        Thread.sleep(job.think());
        crowd.waiting().incrementAndGet();
        answers.add(teller.ask(job.order()));
        crowd.waiting().decrementAndGet();
      }
      return answers;
    } finally {
      crowd.busy().decrementAndGet();
    }
  }

  /** Kills one sidecar, at times two at once, and the next only when all are ready again. */
  private static Kills killUntilDone(Town town, StormPlan plan, Crowd crowd)
      throws IOException, InterruptedException {
    Map<Member, Integer> counts = new EnumMap<>(Member.class);
    int waiting = 0;
    while (true) {
      Kill kill = plan.nextKill();
      if (Await.within(kill.after(), () -> crowd.busy().get() == 0)) {
        return new Kills(counts, waiting);
      }
      waiting += crowd.waiting().get();
      for (Member victim : kill.victims()) {
        town.sidecar(victim).process().kill9();
        counts.merge(victim, 1, Integer::sum);
      }
      Thread.sleep(kill.down());
      town.heal();
    }
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

  private static void tell(Scene scene, List<Told> answers, Kills kills) {
    Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
    answers.forEach(told -> counts.merge(told.verdict(), 1, Integer::sum));
    List<String> told = new ArrayList<>();
    counts.forEach((verdict, count) -> told.add(count + " " + verdict.title));
    List<String> killed = new ArrayList<>();
    kills.counts().forEach((member, count) -> killed.add(member.title + " " + count));
    int total = kills.counts().values().stream().mapToInt(Integer::intValue).sum();
    scene.say(
        "Sidecars killed: %d%s, with %d transfers under way at these moments."
                .formatted(
                    total,
                    total == 0 ? "" : " (" + String.join(", ", killed) + ")",
                    kills.waiting())
            + (told.isEmpty() ? "" : " The clients were told: " + String.join(", ", told) + "."));
    scene.summary(String.join(", ", told));
  }
}
