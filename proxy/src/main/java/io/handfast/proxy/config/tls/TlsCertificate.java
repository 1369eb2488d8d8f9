package io.handfast.proxy.config.tls;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A certificate of ours with its key ({@code TlsCertificate}).
 *
 * @param chain PEM, the leaf first
 * @param privateKey PEM
 * @param password of an encrypted key
 * @param watchedDirectory whose changes lead to a reload, beside those of the files themselves
 */
public record TlsCertificate(
    TlsSource chain,
    TlsSource privateKey,
    Optional<TlsSource> password,
    Optional<Path> watchedDirectory) {}
