# Varnish before the media engine, for the webcast alone: copy it to /etc/varnish/default.vcl and point
# the proxy that has the certificate here (Caddy: HEMICYCLE_WEBCAST=127.0.0.1:6081). Players that wait
# for the same list or part are one request to the engine, and get its answer at the same moment.
vcl 4.1;

backend engine {
    .host = "127.0.0.1";
    .port = "8090";
    .connect_timeout = 3s;
    # The engine holds a request for at most six seconds.
    .first_byte_timeout = 15s;
    .between_bytes_timeout = 15s;
}

sub vcl_recv {
    if (req.url !~ "^/media/hls/[0-9a-f]{32}/[0-9a-f]{32}/[A-Za-z0-9][A-Za-z0-9.-]*(\?|$)") {
        return (synth(404, "Not Found"));
    }
    if (req.method != "GET" && req.method != "HEAD" && req.method != "OPTIONS") {
        return (synth(405, "Method Not Allowed"));
    }
    unset req.http.Cookie;
    unset req.http.Authorization;

    # What a player may ask of a list, in one spelling. Whatever else an address carries is left out:
    # it would get past the cache, and the engine refuses it.
    set req.http.X-Query = "&" + regsub(req.url, "^[^?]*\??", "") + "&";
    set req.url = regsub(req.url, "\?.*$", "");
    if (req.url ~ "\.m3u8$") {
        if (req.http.X-Query ~ "&_HLS_msn=(0|[1-9][0-9]{0,7})&") {
            set req.url = req.url + "?_HLS_msn=" +
                regsub(req.http.X-Query, "^.*?&_HLS_msn=(0|[1-9][0-9]{0,7})&.*$", "\1");
            if (req.http.X-Query ~ "&_HLS_part=([0-9]|1[0-5])&") {
                set req.url = req.url + "&_HLS_part=" +
                    regsub(req.http.X-Query, "^.*?&_HLS_part=([0-9]|1[0-5])&.*$", "\1");
            }
            if (req.http.X-Query ~ "&_HLS_skip=(YES|v2)&") {
                set req.url = req.url + "&_HLS_skip=YES";
            }
        } else if (req.http.X-Query ~ "&_HLS_skip=(YES|v2)&") {
            set req.url = req.url + "?_HLS_skip=YES";
        }
    }
    unset req.http.X-Query;

    # Downloads are large, and made for those who ask.
    if (req.method == "OPTIONS" || req.url ~ "/recording-[^/]*$") {
        return (pass);
    }
    return (hash);
}

sub vcl_hash {
    hash_data(req.url);
    return (lookup);
}

sub vcl_backend_response {
    # The engine says how long an answer is kept. Nothing is served longer: it may have been cut.
    set beresp.grace = 0s;
    set beresp.keep = 2m;
    if (beresp.status >= 400) {
        set beresp.ttl = 1s;
        return (deliver);
    }
}

sub vcl_deliver {
    unset resp.http.Via;
    unset resp.http.X-Varnish;
}
