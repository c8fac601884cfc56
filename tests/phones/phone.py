#!/usr/bin/env python3
"""A SIP softphone that does what JSON lines on its input tell it, and tells on its output what happens.

Built on pjsua2 (PyPI wheel `pjsua2-python`). Commands and events: README.md beside this file.
One phone a process, no sound card, one thread.
"""

import json
import math
import os
import select
import sys
import tempfile
import time
import wave

import pjsua2 as pj

RATE = 8000


def tell(event, **fields):
    """Writes one event."""
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


def amplitude_at(samples, hertz):
    """Peak amplitude of one frequency (Goertzel)."""
    coefficient = 2.0 * math.cos(2.0 * math.pi * hertz / RATE)
    last = before = 0.0
    for sample in samples:
        last, before = sample + coefficient * last - before, last
    power = last * last + before * before - coefficient * last * before
    return 2.0 * math.sqrt(max(power, 0.0)) / max(len(samples), 1)


class Call(pj.Call):
    """A call with its audio."""

    def __init__(self, phone, call_id=pj.PJSUA_INVALID_ID):
        super().__init__(phone.account, call_id)
        self.phone = phone
        self.answered = False

    def onCallState(self, prm):
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY:
            self.phone.tell_early(info)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED and not self.answered:
            self.answered = True
            tell("answered")
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.phone.forget(self)
            tell("ended", code=info.lastStatusCode, reason=info.lastReason, answered=self.answered)

    def onCallMediaState(self, prm):
        self.phone.connect_audio(self)

    def onDtmfDigit(self, prm):
        tell("digit", digit=prm.digit)


class Account(pj.Account):
    """An account that tells of registrations and calls."""

    def __init__(self, phone):
        super().__init__()
        self.phone = phone

    def onRegState(self, prm):
        tell("registered" if prm.code == 200 and prm.expiration > 0 else "unregistered", code=prm.code)

    def onIncomingCall(self, prm):
        self.phone.incoming(prm)


class Phone:
    """The phone: one call, or a second beside it, a tone it says, ears."""

    def __init__(self):
        self.endpoint = pj.Endpoint()
        self.account = None
        self.call = None
        self.first = None
        self.server = None
        self.tone = None
        self.player = None
        self.listening = None
        self.ears = None
        self.written = None
        self.auto_answer = None
        self.answer_at = None
        self.transport = "udp"
        self.running = True

    # Commands.

    def start(
        self,
        server,
        user,
        password=None,
        transport="udp",
        port=0,
        expires=300,
        address="127.0.0.1",
        reliable=False,
        srtp="off",
        suite=None,
        authorities=None,
        certificate=None,
        key=None,
    ):
        """Opens the phone at an address of this machine; with a password it registers.

        With `reliable` it calls nobody, and is called by nobody, without confirmed ringing (100rel).
        Over TLS it believes the server if these authorities (a PEM file) vouch for it, and is called with a certificate.
        """
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.userAgent = "test phone"
        config.logConfig.level = int(os.environ.get("PHONE_LOG", "0"))
        config.logConfig.consoleLevel = 0
        config.logConfig.filename = os.environ.get("PHONE_LOG_FILE", "")
        config.medConfig.clockRate = RATE
        config.medConfig.sndClockRate = RATE
        config.medConfig.channelCount = 1
        config.medConfig.noVad = True
        config.medConfig.ecTailLen = 0
        self.endpoint.libCreate()
        self.endpoint.libInit(config)
        transport_config = pj.TransportConfig()
        transport_config.port = port
        transport_config.boundAddress = address
        transport_config.publicAddress = address
        if transport == "tls":
            transport_config.tlsConfig.method = pj.PJSIP_TLSV1_2_METHOD
            transport_config.tlsConfig.CaListFile = authorities or ""
            transport_config.tlsConfig.verifyServer = authorities is not None
            transport_config.tlsConfig.certFile = certificate or ""
            transport_config.tlsConfig.privKeyFile = key or ""
        kinds = {"udp": pj.PJSIP_TRANSPORT_UDP, "tcp": pj.PJSIP_TRANSPORT_TCP, "tls": pj.PJSIP_TRANSPORT_TLS}
        transport_id = self.endpoint.transportCreate(kinds[transport], transport_config)
        self.endpoint.libStart()
        self.endpoint.audDevManager().setNullDev()
        for codec in self.endpoint.codecEnum2():
            known = {"PCMU/8000/1": 255, "PCMA/8000/1": 254}
            self.endpoint.codecSetPriority(codec.codecId, known.get(codec.codecId, 0))
        self.server, self.transport = server, transport
        account = pj.AccountConfig()
        account.idUri = f"sip:{user}@{server.split(':')[0]}"
        account.mediaConfig.transportConfig.boundAddress = address
        account.mediaConfig.transportConfig.publicAddress = address
        account.natConfig.contactRewriteUse = 0
        account.sipConfig.transportId = transport_id
        if reliable:
            account.callConfig.prackUse = pj.PJSUA_100REL_MANDATORY
        uses = {
            "off": pj.PJMEDIA_SRTP_DISABLED,
            "optional": pj.PJMEDIA_SRTP_OPTIONAL,
            "required": pj.PJMEDIA_SRTP_MANDATORY,
        }
        account.mediaConfig.srtpUse = uses[srtp]
        account.mediaConfig.srtpSecureSignaling = 0
        if suite is not None:
            crypto = pj.SrtpCrypto()
            crypto.name = suite
            cryptos = pj.SrtpCryptoVector()
            cryptos.append(crypto)
            account.mediaConfig.srtpOpt.cryptos = cryptos
        if password is not None:
            account.regConfig.registrarUri = self.uri("").replace("@", "")
            account.regConfig.timeoutSec = expires
            account.regConfig.retryIntervalSec = 0
            account.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", user, 0, password))
        self.account = Account(self)
        self.account.create(account)
        tell("started", port=self.port())

    def dial(self, to, headers=None):
        """Calls `to`, a user part or a whole address."""
        self.call = Call(self)
        parameters = pj.CallOpParam(True)
        for name, value in (headers or {}).items():
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            parameters.txOption.headers.append(header)
        self.call.makeCall(to if to.startswith("sip:") else self.uri(to), parameters)

    def answer(self):
        """Picks up."""
        self.respond(200)

    def decline(self, code=603):
        """Refuses."""
        self.respond(code)

    def auto(self, after_ms=0):
        """Picks up every call by itself."""
        self.auto_answer = after_ms

    def hangup(self):
        """Ends the call."""
        self.call.hangup(pj.CallOpParam(True))

    def hold(self):
        """Puts the other end on hold."""
        self.call.setHold(pj.CallOpParam(True))

    def resume(self):
        """Takes it back."""
        parameters = pj.CallOpParam(True)
        parameters.opt.flag = pj.PJSUA_CALL_UNHOLD
        self.call.reinvite(parameters)

    def refer(self, to):
        """Gives the call away (REFER)."""
        self.call.xfer(to if to.startswith("sip:") else self.uri(to), pj.CallOpParam(True))

    def second(self, to):
        """Calls somebody else on a second line; the first is on hold."""
        self.call.setHold(pj.CallOpParam(True))
        self.first = self.call
        self.dial(to)

    def transfer(self):
        """Brings both lines together (REFER with Replaces)."""
        self.first.xferReplaces(self.call, pj.CallOpParam(True))

    def press(self, digits, method="rfc4733"):
        """Presses keys."""
        if method == "info":
            parameters = pj.CallSendDtmfParam()
            parameters.method = pj.PJSUA_DTMF_METHOD_SIP_INFO
            parameters.digits = digits
            self.call.sendDtmf(parameters)
        else:
            self.call.dialDtmf(digits)

    def say(self, hertz):
        """Says a tone from now on; 0: silence."""
        if self.tone is not None:
            self.tone.stop()
            self.tone = None
        if hertz:
            self.tone = pj.ToneGenerator()
            self.tone.createToneGenerator(RATE, 1)
            description = pj.ToneDesc()
            description.freq1, description.freq2 = int(hertz), 0
            description.on_msec, description.off_msec = 1000, 0
            description.volume = 8000
            tones = pj.ToneDescVector()
            tones.append(description)
            self.tone.play(tones, True)
        if self.call is not None:
            self.connect_audio(self.call)

    def speak(self, file):
        """Plays a WAV file once into the call."""
        self.player = pj.AudioMediaPlayer()
        self.player.createPlayer(file, pj.PJMEDIA_FILE_NO_LOOP)
        self.player.startTransmit(self.audio())

    def listen(self, ms=500, hertz=()):
        """Listens for a while, then tells how loud it was and how loud each frequency."""
        self.ears = (ms, list(hertz))
        self.prick_up()

    def quit(self):
        """Ends the phone."""
        self.running = False

    # What happens.

    def incoming(self, prm):
        if self.call is not None:
            busy = Call(self, prm.callId)
            answer = pj.CallOpParam()
            answer.statusCode = 486
            busy.answer(answer)
            return
        self.call = Call(self, prm.callId)
        headers = {}
        for line in prm.rdata.wholeMsg.split("\r\n\r\n")[0].split("\r\n")[1:]:
            name, _, value = line.partition(":")
            headers[name.strip()] = value.strip()
        ringing = pj.CallOpParam()
        ringing.statusCode = 180
        self.call.answer(ringing)
        info = self.call.getInfo()
        tell("incoming", caller=info.remoteUri, headers=headers)
        if self.auto_answer is not None:
            self.answer_at = time.monotonic() + self.auto_answer / 1000

    def tell_early(self, info):
        if info.role == pj.PJSIP_ROLE_UAC:
            tell("ringing", code=info.lastStatusCode)

    def forget(self, call):
        if self.first is call:
            self.first = None
        elif self.call is call:
            self.finish_listening()
            self.call, self.first = self.first, None
            self.answer_at = None

    def prick_up(self):
        """Begins to listen as soon as there is something to hear."""
        audio = self.audio()
        if self.ears is None or audio is None:
            return
        ms, hertz = self.ears
        self.ears = None
        handle, path = tempfile.mkstemp(suffix=".wav")
        os.close(handle)
        recorder = pj.AudioMediaRecorder()
        recorder.createRecorder(path)
        audio.startTransmit(recorder)
        self.listening = (time.monotonic() + ms / 1000, recorder, path, hertz)

    def connect_audio(self, call):
        audio = self.audio(call)
        if audio is not None and self.tone is not None:
            self.tone.startTransmit(audio)
        self.prick_up()

    # Helpers.

    def uri(self, user):
        suffix = "" if self.transport == "udp" else f";transport={self.transport}"
        return f"sip:{user}@{self.server}{suffix}"

    def port(self):
        for transport in self.endpoint.transportEnum():
            name = self.endpoint.transportGetInfo(transport).localName
            return int(name.rsplit(":", 1)[1])
        return 0

    def respond(self, code):
        parameters = pj.CallOpParam()
        parameters.statusCode = code
        self.call.answer(parameters)

    def audio(self, call=None):
        call = call or self.call
        if call is None:
            return None
        info = call.getInfo()  # Kept: its media go with it.
        for index, media in enumerate(info.media):
            active = media.status in (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD)
            if media.type == pj.PJMEDIA_TYPE_AUDIO and active:
                return call.getAudioMedia(index)
        return None

    def finish_listening(self):
        """Stops the recorder; its file is whole a moment later."""
        if self.listening is not None:
            _, _, path, hertz = self.listening
            self.listening = None
            self.written = (path, hertz)

    def tell_heard(self):
        """Tells what was heard, once the library has closed the file."""
        if self.written is None:
            return
        path, hertz = self.written
        try:
            with wave.open(path) as file:
                data = file.readframes(file.getnframes())
        except (wave.Error, EOFError):
            return
        self.written = None
        os.unlink(path)
        samples = [int.from_bytes(data[n : n + 2], "little", signed=True) for n in range(0, len(data) - 1, 2)]
        rms = math.sqrt(sum(sample * sample for sample in samples) / max(len(samples), 1))
        tones = {str(wanted): round(amplitude_at(samples, wanted)) for wanted in hertz}
        tell("heard", ms=len(samples) * 1000 // RATE, rms=round(rms), hertz=tones)

    def run(self):
        """Obeys until told to quit or the input ends."""
        pending = b""
        while self.running:
            if self.account is not None:
                self.endpoint.libHandleEvents(10)
                ready, _, _ = select.select([0], [], [], 0)
            else:
                ready, _, _ = select.select([0], [], [], 0.1)
            if ready:
                data = os.read(0, 65536)
                if not data:
                    break
                pending += data
                *lines, pending = pending.split(b"\n")
                for line in lines:
                    if line.strip():
                        self.obey(json.loads(line))
            now = time.monotonic()
            if self.answer_at is not None and now >= self.answer_at:
                self.answer_at = None
                self.answer()
            if self.listening is not None and now >= self.listening[0]:
                self.finish_listening()
            self.tell_heard()
        if self.account is not None:
            self.tone = self.player = None
            self.call = self.first = None
            self.endpoint.hangupAllCalls()
            self.account.shutdown()
            self.endpoint.libDestroy()

    def obey(self, command):
        commands = {
            "start": self.start,
            "call": self.dial,
            "answer": self.answer,
            "decline": self.decline,
            "auto": self.auto,
            "hangup": self.hangup,
            "hold": self.hold,
            "resume": self.resume,
            "refer": self.refer,
            "second": self.second,
            "transfer": self.transfer,
            "press": self.press,
            "say": self.say,
            "speak": self.speak,
            "listen": self.listen,
            "quit": self.quit,
        }
        name = command.pop("do")
        try:
            commands[name](**command)
            tell("done", did=name)
        except Exception as error:  # A wrong command must not end the phone.
            tell("failed", did=name, error=str(error).strip())


if __name__ == "__main__":
    Phone().run()
