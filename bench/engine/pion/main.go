// Command pion is a small SFU on Pion, for comparison: pion UPSTREAM PASS.
//
// It takes a program by WHEP and hands its packets to every listener that asks by WHEP, as Pion's
// own example of a broadcast does, on one UDP port of loopback. It prints its address, and ends
// with its standard input.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

const (
	opus = 111
	h264 = 96
)

var (
	audio = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	video = webrtc.RTPCodecCapability{
		MimeType:    webrtc.MimeTypeH264,
		ClockRate:   90000,
		SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
	}
	kinds = []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo}
	sent  atomic.Int64
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(upstream, token string) error {
	api, err := newAPI()
	if err != nil {
		return err
	}
	program, err := take(api, upstream, token)
	if err != nil {
		return err
	}
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("/media/whep/", func(writer http.ResponseWriter, request *http.Request) {
		listen(api, program, writer, request)
	})
	routes.HandleFunc("/media/health", func(writer http.ResponseWriter, _ *http.Request) {
		writer.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(writer).Encode(map[string]int64{"packets_sent": sent.Load()})
	})
	fmt.Printf("http://%s\n", door.Addr())
	go func() { _ = http.Serve(door, routes) }()
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// newAPI makes connections on one port of loopback, with Pion's usual interceptors.
func newAPI() (*webrtc.API, error) {
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	for _, set := range []func(int) error{socket.SetReadBuffer, socket.SetWriteBuffer} {
		if err := set(4 << 20); err != nil {
			return nil, err
		}
	}
	settings := webrtc.SettingEngine{}
	settings.SetICEUDPMux(webrtc.NewICEUDPMux(nil, socket))
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	media := &webrtc.MediaEngine{}
	for index, codec := range []webrtc.RTPCodecParameters{
		{RTPCodecCapability: audio, PayloadType: opus},
		{RTPCodecCapability: video, PayloadType: h264},
	} {
		if err := media.RegisterCodec(codec, kinds[index]); err != nil {
			return nil, err
		}
	}
	usual := &interceptor.Registry{}
	usual.Add(&counting{})
	if err := webrtc.RegisterDefaultInterceptors(media, usual); err != nil {
		return nil, err
	}
	return webrtc.NewAPI(
		webrtc.WithMediaEngine(media),
		webrtc.WithInterceptorRegistry(usual),
		webrtc.WithSettingEngine(settings),
	), nil
}

// counting counts the packets that are sent.
type counting struct{ interceptor.NoOp }

func (*counting) NewInterceptor(string) (interceptor.Interceptor, error) { return &counting{}, nil }

func (*counting) BindLocalStream(
	_ *interceptor.StreamInfo, writer interceptor.RTPWriter,
) interceptor.RTPWriter {
	write := func(header *rtp.Header, payload []byte, attributes interceptor.Attributes) (int, error) {
		sent.Add(1)
		return writer.Write(header, payload, attributes)
	}
	return interceptor.RTPWriterFunc(write)
}

// take follows the program; what it returns carries its packets on.
func take(api *webrtc.API, upstream, token string) ([]*webrtc.TrackLocalStaticRTP, error) {
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	var program []*webrtc.TrackLocalStaticRTP
	for index, codec := range []webrtc.RTPCodecCapability{audio, video} {
		track, err := webrtc.NewTrackLocalStaticRTP(codec, kinds[index].String(), "program")
		if err != nil {
			return nil, err
		}
		program = append(program, track)
		only := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
		if _, err := pc.AddTransceiverFromKind(kinds[index], only); err != nil {
			return nil, err
		}
	}
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		to := program[0]
		if track.Kind() == webrtc.RTPCodecTypeVideo {
			to = program[1]
		}
		for {
			packet, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			_ = to.WriteRTP(packet)
		}
	})
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return nil, err
	}
	if err := described(pc, offer); err != nil {
		return nil, err
	}
	request, err := http.NewRequest("POST", upstream, strings.NewReader(pc.LocalDescription().SDP))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/sdp")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusCreated {
		return nil, fmt.Errorf("%s: %s", response.Status, text)
	}
	answer := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(text)}
	return program, pc.SetRemoteDescription(answer)
}

func described(pc *webrtc.PeerConnection, description webrtc.SessionDescription) error {
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(description); err != nil {
		return err
	}
	<-gathered
	return nil
}

// listen answers a listener's offer.
func listen(
	api *webrtc.API,
	program []*webrtc.TrackLocalStaticRTP,
	writer http.ResponseWriter,
	request *http.Request,
) {
	answer, err := answered(api, program, request)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return
	}
	writer.Header().Set("Location", "/session")
	writer.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(writer, answer)
}

func answered(
	api *webrtc.API, program []*webrtc.TrackLocalStaticRTP, request *http.Request,
) (string, error) {
	offer, err := io.ReadAll(request.Body)
	if err != nil {
		return "", err
	}
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", err
	}
	for _, track := range program {
		sender, err := pc.AddTrack(track)
		if err != nil {
			return "", err
		}
		go func() {
			report := make([]byte, 1500)
			for {
				if _, _, err := sender.Read(report); err != nil {
					return
				}
			}
		}()
	}
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed {
			_ = pc.Close()
		}
	})
	remote := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: string(offer)}
	if err := pc.SetRemoteDescription(remote); err != nil {
		return "", err
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	if err := described(pc, answer); err != nil {
		return "", err
	}
	return pc.LocalDescription().SDP, nil
}
