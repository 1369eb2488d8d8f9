/**
 * A corpus of raw HTTP/1.1 messages, requests and responses, good and bad, each judged by what the
 * other side of the proxy received. The cases are data: {@code *.txt} beside this package, in the
 * form that {@link io.handfast.proxy.rfc9112.CorpusReader} tells.
 */
@NullMarked
package io.handfast.proxy.rfc9112;

import org.jspecify.annotations.NullMarked;
