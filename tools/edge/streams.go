package main

import (
	"net"

	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v3"
)

const (
	opus   = 111
	h264   = 96
	buffer = 4 << 20
)

var codecs = map[webrtc.RTPCodecType]webrtc.RTPCodecParameters{
	webrtc.RTPCodecTypeAudio: {
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2,
			SDPFmtpLine: "minptime=10;useinbandfec=1",
		},
		PayloadType: opus,
	},
	webrtc.RTPCodecTypeVideo: {
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeH264, ClockRate: 90000,
			SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
		},
		PayloadType: h264,
	},
}

// stream is what one publisher sends: one track of sound or picture, or one of each.
type stream struct {
	session *session
	tracks  []*webrtc.TrackLocalStaticRTP
	sources []webrtc.SSRC
}

// newAPI makes connections on one UDP port, with Pion's usual interceptors: repeats and reports.
func newAPI(address string) (*webrtc.API, error) {
	at, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, err
	}
	socket, err := net.ListenUDP("udp", at)
	if err != nil {
		return nil, err
	}
	for _, set := range []func(int) error{socket.SetReadBuffer, socket.SetWriteBuffer} {
		if err := set(buffer); err != nil {
			return nil, err
		}
	}
	settings := webrtc.SettingEngine{}
	settings.SetICEUDPMux(webrtc.NewICEUDPMux(nil, socket))
	settings.SetIncludeLoopbackCandidate(at.IP.IsLoopback())
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	media := &webrtc.MediaEngine{}
	for kind, codec := range codecs {
		if err := media.RegisterCodec(codec, kind); err != nil {
			return nil, err
		}
	}
	usual := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(media, usual); err != nil {
		return nil, err
	}
	return webrtc.NewAPI(
		webrtc.WithMediaEngine(media),
		webrtc.WithInterceptorRegistry(usual),
		webrtc.WithSettingEngine(settings),
	), nil
}

// publish takes what a session sends; it is there for listeners once its first packet has come.
func (s *server) publish(made *session) error {
	published := &stream{session: made}
	made.pc.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		local, err := webrtc.NewTrackLocalStaticRTP(
			remote.Codec().RTPCodecCapability, remote.Kind().String(), "program",
		)
		if err != nil {
			return
		}
		s.add(published, local, remote.SSRC())
		for {
			packet, _, err := remote.ReadRTP()
			if err != nil {
				return
			}
			_ = local.WriteRTP(packet)
		}
	})
	return nil
}

// add makes a track readable; a publisher that was there before ends.
func (s *server) add(published *stream, track *webrtc.TrackLocalStaticRTP, source webrtc.SSRC) {
	s.mutex.Lock()
	before := s.streams[published.session.Path]
	published.tracks = append(published.tracks, track)
	published.sources = append(published.sources, source)
	s.mutex.Unlock()
	if before != nil && before != published {
		s.end(before.session.ID)
	}
	s.mutex.Lock()
	s.streams[published.session.Path] = published
	s.mutex.Unlock()
}

// read sends a session what is published at its path.
func (s *server) read(made *session) error {
	s.mutex.Lock()
	published := s.streams[made.Path]
	var tracks []*webrtc.TrackLocalStaticRTP
	if published != nil {
		tracks = append(tracks, published.tracks...)
	}
	s.mutex.Unlock()
	if len(tracks) == 0 {
		return errUnknown
	}
	for _, track := range tracks {
		sender, err := made.pc.AddTrack(track)
		if err != nil {
			return err
		}
		go s.follow(published, sender)
	}
	made.pc.OnICEConnectionStateChange(func(state webrtc.ICEConnectionState) {
		if state == webrtc.ICEConnectionStateConnected {
			s.askKey(published)
		}
	})
	return nil
}

// follow reads a listener's reports: a wish for a keyframe is the publisher's to grant.
func (s *server) follow(published *stream, sender *webrtc.RTPSender) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, packet := range packets {
			switch packet.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				s.askKey(published)
			}
		}
	}
}

func (s *server) askKey(published *stream) {
	s.mutex.Lock()
	sources := append([]webrtc.SSRC{}, published.sources...)
	s.mutex.Unlock()
	for _, source := range sources {
		wish := &rtcp.PictureLossIndication{MediaSSRC: uint32(source)}
		_ = published.session.pc.WriteRTCP([]rtcp.Packet{wish})
	}
}

// answered returns the answer to an offer, with every candidate in it.
func answered(pc *webrtc.PeerConnection, offer string) (string, error) {
	remote := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}
	if err := pc.SetRemoteDescription(remote); err != nil {
		return "", err
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(answer); err != nil {
		return "", err
	}
	<-gathered
	return pc.LocalDescription().SDP, nil
}
