package io.handfast.k8s.cli;

import io.handfast.k8s.controlplane.Addresses;
import io.handfast.k8s.controlplane.AdminServer;
import io.handfast.k8s.controlplane.ControlPlane;
import io.handfast.k8s.controlplane.ServerSettings;
import io.handfast.k8s.controlplane.source.ResourceSource;
import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.resource.ResourceType;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A control plane as a process: until a signal ends it. */
final class ControlPlaneProcess {
  private static final Logger LOG = LoggerFactory.getLogger(ControlPlaneProcess.class);

  private final ResourceSource source;
  private final ServerSettings settings;
  private final Optional<InetSocketAddress> adminAddress;
  private final PrintWriter out;
  private final PrintWriter err;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  ControlPlaneProcess(
      ResourceSource source,
      ServerSettings settings,
      Optional<InetSocketAddress> adminAddress,
      PrintWriter out,
      PrintWriter err) {
    this.source = source;
    this.settings = settings;
    this.adminAddress = adminAddress;
    this.out = out;
    this.err = err;
  }

  /**
   * Runs to its end.
   *
   * @param what is served, for people
   * @return the exit code, if it cannot start; a signal ends the process
   */
  int run(String what) {
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    try (ControlPlane controlPlane = ControlPlane.start(source, settings, registry);
        Endable admin = administration(controlPlane)) {
      // The JVM's own answer to a signal would be 128 and its number: this is no failure.
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform().name("handfast-stop").unstarted(() -> stop(told, ended)));
      warn(controlPlane);
      out.println(
          "control plane on "
              + Addresses.text(controlPlane.address())
              + ", serving "
              + what
              + admin.title());
      out.flush();
      told.await();
    } catch (InvalidConfigException e) {
      e.errors().forEach(err::println);
      err.println("handfast control-plane: cannot start: what cannot be used is named above");
      return ControlPlaneCommand.FAILED;
    } catch (IOException e) {
      err.println("handfast control-plane: cannot start: " + e.getMessage());
      return ControlPlaneCommand.FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
    return 0;
  }

  private static void stop(CountDownLatch told, CountDownLatch ended) {
    told.countDown();
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    LOG.info("stopped");
    Runtime.getRuntime().halt(0);
  }

  /**
   * The administration server, if there is one.
   *
   * @param title how it adds to the line that says where all is
   */
  private record Endable(Optional<AdminServer> server, String title) implements AutoCloseable {
    @Override
    public void close() {
      server.ifPresent(AdminServer::close);
    }
  }

  private Endable administration(ControlPlane controlPlane) throws IOException {
    if (adminAddress.isEmpty()) {
      return new Endable(Optional.empty(), "");
    }
    try {
      AdminServer admin = AdminServer.start(adminAddress.get(), controlPlane, registry);
      return new Endable(
          Optional.of(admin), ", administration on " + Addresses.text(admin.address()));
    } catch (IOException e) {
      throw new IOException(
          "--admin-address: " + Addresses.text(adminAddress.get()) + ": " + e.getMessage(), e);
    }
  }

  private void warn(ControlPlane controlPlane) {
    boolean anybody = settings.tls().stream().allMatch(tls -> tls.clientCa().isEmpty());
    if (anybody
        && !settings.address().getAddress().isLoopbackAddress()
        && !controlPlane.findings().snapshot().all(ResourceType.SECRET).isEmpty()) {
      LOG.warn("secrets are served to anybody who connects (expected: --client-ca)");
    }
  }
}
