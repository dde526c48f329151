// Command carrier lets Pion carry packets: carrier publish|listen URL PASS.
//
// Packets are on the standard input and output, with their length in two bytes before each.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/pion/rtcp"
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
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(task, address, token string) error {
	pc, err := connection()
	if err != nil {
		return err
	}
	take := func([]byte) error { return nil }
	if task == "publish" {
		take, err = publish(pc)
	} else {
		err = listen(pc)
	}
	if err != nil {
		return err
	}
	session, err := connect(pc, address, token)
	if err != nil {
		return err
	}
	if err := packetsIn(os.Stdin, take); err != nil {
		return err
	}
	if err := pc.Close(); err != nil {
		return err
	}
	_, err = ask(http.MethodDelete, session, "", "")
	return err
}

func connection() (*webrtc.PeerConnection, error) {
	media := &webrtc.MediaEngine{}
	known := map[webrtc.RTPCodecType]webrtc.RTPCodecParameters{
		webrtc.RTPCodecTypeAudio: {RTPCodecCapability: audio, PayloadType: opus},
		webrtc.RTPCodecTypeVideo: {RTPCodecCapability: video, PayloadType: h264},
	}
	for kind, codec := range known {
		if err := media.RegisterCodec(codec, kind); err != nil {
			return nil, err
		}
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(media))
	return api.NewPeerConnection(webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle})
}

// publish returns what takes each packet to be sent.
func publish(pc *webrtc.PeerConnection) (func([]byte) error, error) {
	tracks := map[byte]*webrtc.TrackLocalStaticRTP{}
	for payloadType, codec := range map[byte]webrtc.RTPCodecCapability{opus: audio, h264: video} {
		track, err := webrtc.NewTrackLocalStaticRTP(codec, fmt.Sprint(payloadType), "client")
		if err != nil {
			return nil, err
		}
		direction := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
		if _, err := pc.AddTransceiverFromTrack(track, direction); err != nil {
			return nil, err
		}
		tracks[payloadType] = track
	}
	return func(packet []byte) error {
		_, err := tracks[packet[1]&0x7f].Write(packet)
		return err
	}, nil
}

func listen(pc *webrtc.PeerConnection) error {
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		direction := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
		if _, err := pc.AddTransceiverFromKind(kind, direction); err != nil {
			return err
		}
	}
	var writing sync.Mutex
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		payloadType := byte(opus)
		if track.Kind() == webrtc.RTPCodecTypeVideo {
			payloadType = h264
			_ = pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(track.SSRC())}})
		}
		packet := make([]byte, 2048)
		for {
			length, _, err := track.Read(packet[2:])
			if err != nil {
				return
			}
			binary.BigEndian.PutUint16(packet, uint16(length))
			packet[3] = packet[3]&0x80 | payloadType
			writing.Lock()
			_, _ = os.Stdout.Write(packet[:2+length])
			writing.Unlock()
		}
	})
	return nil
}

// connect exchanges offer and answer, and returns the session's address.
func connect(pc *webrtc.PeerConnection, address, token string) (string, error) {
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		return "", err
	}
	<-gathered
	response, err := ask(http.MethodPost, address, token, pc.LocalDescription().SDP)
	if err != nil {
		return "", err
	}
	answer := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: response.body}
	return response.session, pc.SetRemoteDescription(answer)
}

type reply struct{ body, session string }

func ask(method, address, token, body string) (reply, error) {
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("Content-Type", "application/sdp")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{}, err
	}
	if response.StatusCode >= 300 {
		return reply{}, fmt.Errorf("%s: %s", response.Status, text)
	}
	base, _ := url.Parse(address)
	session, err := base.Parse(response.Header.Get("Location"))
	if err != nil {
		return reply{}, err
	}
	return reply{string(text), session.String()}, nil
}

func packetsIn(from io.Reader, take func([]byte) error) error {
	buffered := bufio.NewReader(from)
	length := make([]byte, 2)
	for {
		if _, err := io.ReadFull(buffered, length); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		packet := make([]byte, binary.BigEndian.Uint16(length))
		if _, err := io.ReadFull(buffered, packet); err != nil {
			return err
		}
		if err := take(packet); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			return err
		}
	}
}
