/**
 * Resources that name each other, as the compilers see them: {@link
 * io.handfast.proxy.config.compile.discovery.Neighbours} finds what is named, {@link
 * io.handfast.proxy.config.compile.discovery.Reuse} keeps what did not change.
 */
@NullMarked
package io.handfast.proxy.config.compile.discovery;

import org.jspecify.annotations.NullMarked;
