package io.handfast.proxy.xds;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread on which what comes from control planes is read and checked, and garbage is collected.
 * Logs what its tasks throw, which a scheduler would keep to itself.
 */
public final class DiscoveryExecutor extends ScheduledThreadPoolExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(DiscoveryExecutor.class);

  public DiscoveryExecutor() {
    super(1, new DefaultThreadFactory("handfast-xds", true));
    setRemoveOnCancelPolicy(true);
  }

  @Override
  protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
    super.afterExecute(task, thrown);
    if (thrown != null) {
      LOG.error("internal error", thrown);
    } else if (task instanceof Future<?> future && future.isDone()) {
      try {
        future.get();
      } catch (CancellationException cancelled) {
        LOG.trace("cancelled", cancelled);
      } catch (ExecutionException e) {
        LOG.error("internal error", e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
